import type * as tf from '@tensorflow/tfjs';
import { hLayers, hTraceMinMax } from './h-trace-min-max.ts';

/** The part of a training callback that HGQ v1's callbacks use; those of `@sp/train` and `tf.CustomCallback` have it. */
export interface HCallback {
  readonly name: string;
  /** At the end of an epoch; may add to the logs. */
  onEpochEnd(epoch: number, logs?: tf.Logs): void;
}

/** HGQ v1's `ResetMinMax`: every epoch finds its ranges anew. Put it last. */
export function hResetMinMax(model: tf.LayersModel): HCallback {
  return {
    name: 'hResetMinMax',
    onEpochEnd: () => {
      for (const { paq } of hLayers(model)) paq.resetRange();
    },
  };
}

/** HGQ v1's `FreeBOPs`: logs `bops` of the last training step, an over-estimate. */
export function hFreeBops(model: tf.LayersModel): HCallback {
  return {
    name: 'hFreeBops',
    onEpochEnd: (_epoch, logs) => {
      if (logs !== undefined) logs['bops'] = hLayers(model).reduce((sum, { bops }) => sum + bops, 0);
    },
  };
}

/** HGQ v1's `CalibratedBOPs`: logs the exact `bops` on calibration data. The model is left traced. */
export function hCalibratedBops(model: tf.LayersModel, calibration: tf.Tensor | readonly tf.Tensor[]): HCallback {
  return {
    name: 'hCalibratedBops',
    onEpochEnd: (_epoch, logs) => {
      const bops = hTraceMinMax(model, calibration);
      if (logs !== undefined) logs['bops'] = bops;
    },
  };
}
