import type * as tf from '@tensorflow/tfjs';
import { Clip, ElementFunction, ExponentialLinear, Rectifier } from './function-layers.ts';
import { MeanOfInputs } from './mean-of-inputs.ts';
import { ReduceAxes } from './reduce-axes.ts';
import { ScaleShift } from './scale-shift.ts';
import { Take } from './take.ts';
import { ZeroPad } from './zero-pad.ts';

/** Layers without weights and quantizers that tfjs-layers lacks, for registration. */
export const plainLayers: readonly tf.serialization.SerializableConstructor<tf.layers.Layer>[] = [
  Clip,
  ElementFunction,
  ExponentialLinear,
  MeanOfInputs,
  Rectifier,
  ReduceAxes,
  ScaleShift,
  Take,
  ZeroPad,
] as unknown as tf.serialization.SerializableConstructor<tf.layers.Layer>[];
