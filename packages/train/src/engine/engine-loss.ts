import type { LossFunction } from '../fit/loss.ts';
import type { EngineLoss } from './task-loss.ts';

const known = new WeakMap<LossFunction, EngineLoss>();

/** Notes what a loss function on tensors computes, so that the engine can do without them; returns the function. */
export function rememberEngineLoss(loss: EngineLoss, onTensors: LossFunction): LossFunction {
  known.set(onTensors, loss);
  return onTensors;
}

/** What a loss function computes, if it is one that the engine knows. */
export function engineLossOf(onTensors: LossFunction): EngineLoss | undefined {
  return known.get(onTensors);
}
