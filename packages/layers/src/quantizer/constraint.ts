import { clip } from '@sp/quant/numeric';
import { LayerError } from '../layer-error.ts';
/** The set a bit-width variable must stay in. Plain data, so that it can be saved with the model. */
export type Constraint =
  | { readonly kind: 'minMax'; readonly min: number; readonly max: number }
  | { readonly kind: 'constant'; readonly value: number };

/** Values between `min` and `max`; either may be infinite (hgq2 §3.3: MinMax, Min, Max). */
export function minMax(min: number, max: number): Constraint {
  if (!(min <= max))
    throw new LayerError(`minMax(${min}, ${max}): min must not exceed max. Swap them.`, { option: 'min', value: min });
  return { kind: 'minMax', min, max };
}

/** The one value `value`: the variable cannot move. */
export function constantConstraint(value: number): Constraint {
  return { kind: 'constant', value };
}

/** The nearest allowed value. */
export function project(constraint: Constraint | null, value: number): number {
  if (constraint == null) return value;
  switch (constraint.kind) {
    case 'minMax':
      return clip(value, constraint.min, constraint.max);
    case 'constant':
      return constraint.value;
    default:
      throw new LayerError(`Unknown constraint ${JSON.stringify(constraint satisfies never)}.`);
  }
}

/** Whether `value` is in the allowed set. */
export function isAllowed(constraint: Constraint | null, value: number): boolean {
  return project(constraint, value) === value;
}
