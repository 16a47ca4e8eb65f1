import type { Constraint } from '@sp/layers/kernels';

/** Smallest and largest allowed value. */
export function limitsOf(constraint: Constraint | null): { readonly min: number; readonly max: number } {
  if (constraint == null) return { min: -Infinity, max: Infinity };
  if (constraint.kind === 'constant') return { min: constraint.value, max: constraint.value };
  return constraint;
}
