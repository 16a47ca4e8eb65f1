import type { ClipArgs, ElementFunctionArgs, ExponentialLinearArgs, RectifierArgs } from './function-layers.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';
import type { ReduceAxesArgs } from './reduce-axes.ts';
import type { ScaleShiftArgs } from './scale-shift.ts';
import type { TakeArgs } from './take.ts';
import type { ZeroPadArgs } from './zero-pad.ts';

/** Options of the layers without weights and quantizers that tfjs-layers lacks, by the name that they are saved under. */
export const plainOptionNames: Readonly<Record<string, OptionNames>> = {
  Clip: names<ClipArgs>('min', { ...base, min: 0, max: 0 }),
  ElementFunction: names<ElementFunctionArgs>('activation', { ...base, activation: 0 }),
  ExponentialLinear: names<ExponentialLinearArgs>('alpha', { ...base, alpha: 0 }),
  MeanOfInputs: names<LayerArgs>('name', base),
  Rectifier: names<RectifierArgs>('maxValue', { ...base, maxValue: 0, negativeSlope: 0, threshold: 0 }),
  ReduceAxes: names<ReduceAxesArgs>('mode', { ...base, mode: 0, axes: 0, keepDims: 0 }),
  ScaleShift: names<ScaleShiftArgs>('scale', { ...base, scale: 0, divisor: 0, offset: 0 }),
  Take: names<TakeArgs>('selections', { ...base, selections: 0, dropAxes: 0 }),
  ZeroPad: names<ZeroPadArgs>('pads', { ...base, pads: 0 }),
};
