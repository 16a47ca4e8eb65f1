import { totalEbops } from '@sp/layers';
import type { FitCallback } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';

/**
 * Adds `ebops` to the logs of each epoch: the sum over all layers at the bit widths they then have, "free" because it needs no pass over data
 * (hgq2 §5.7 `FreeEBOPs`). Put it before callbacks that read it.
 */
export function freeEbops(): FitCallback {
  return forFit({
    name: 'freeEbops',
    keepsImages: true,
    onEpochEnd: (_epoch, logs, { model }) => {
      logs.ebops = totalEbops(model);
    },
  });
}
