import { traceMinMax } from '@sp/layers';
import { checkTraceOptions, type TraceMinMaxOptions } from '@sp/layers/internal';
import type { Dataset } from '../data/dataset.ts';
import type { FitCallback } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import { totalBops } from './bops-table.ts';

/**
 * Traces the model on calibration data at the end of every epoch and adds to the logs the exact cost with these ranges: `bops` of HGQ v1
 * (`totalBops`) and `ebops` (hgq1 §3.2 `CalibratedBOPs`). The model is left traced. Put it before callbacks that read the numbers or save
 * models, e.g. `paretoFront`.
 *
 * @param options as for `traceMinMax`; `batchSize` by default the whole data set, as in HGQ.
 * @throws LayerError (of `@sp/layers`) as `traceMinMax`.
 */
export function calibratedBops(calibration: Dataset, options: TraceMinMaxOptions = {}): FitCallback {
  checkTraceOptions(options, 'calibratedBops');
  return forFit({
    name: 'calibratedBops',
    keepsImages: true,
    onEpochEnd: (_epoch, logs, { model }) => {
      logs.ebops = traceMinMax(model, calibration, { batchSize: calibration.labels.length, ...options });
      logs.bops = totalBops(model);
    },
  });
}
