import type * as tf from '@tensorflow/tfjs';
import { ebopsTable } from '../ebops/ebops-table.ts';
import type { Logs } from '../fit/logs.ts';
import { type ModelWarning, percent } from './model-warning.ts';

/**
 * EBOPs that have collapsed: layers without any (their inputs or weights have no bits left), and a total below a share of the largest one of
 * the run, which usually means that β is too large for the network to hold on to anything.
 *
 * @param history logs of the epochs so far, those with `ebops` count (`freeEbops`, `sparseTrainingMonitor`). Default none.
 * @param share default 0.01.
 */
export function ebopsWarnings(
  model: tf.LayersModel,
  history: readonly Readonly<Logs>[] = [],
  share = 0.01,
): readonly ModelWarning[] {
  const rows = ebopsTable(model);
  const empty = rows
    .filter(({ ebops }) => ebops === 0)
    .map(({ layer }): ModelWarning => {
      const message = `Layer '${layer}' has no EBOPs: its inputs or weights have no bits left. Lower beta0 or raise the least bits (bc, fc).`;
      return { kind: 'zero-ebops', layer, share: 0, message };
    });
  const largest = history.reduce((most, { ebops = 0 }) => Math.max(most, ebops), 0);
  const now = rows.reduce((sum, { ebops }) => sum + ebops, 0);
  if (largest === 0 || now >= share * largest) return empty;
  const left = now / largest;
  const message = `EBOPs have collapsed to ${now}, ${percent(left)} of the largest ${largest} of this run. Lower β, or steer it with betaPidController.`;
  return [...empty, { kind: 'ebops-collapse', layer: undefined, share: left, message }];
}
