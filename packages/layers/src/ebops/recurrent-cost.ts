import { biasCost, type Cost, matMulCost, scaleCost } from './cost.ts';
import type { CostFunction } from './operand.ts';

/** What the cost of a recurrent layer depends on besides widths. */
export interface RecurrentCostSettings {
  /** Length of the sequence. */
  readonly steps: number;
  /** Features of a step. */
  readonly inputs: number;
  readonly units: number;
  /** How many steps are computed at once. */
  readonly parallelizationFactor: number;
}

/**
 * Cost of a simple recurrence on the widths of input `[steps, inputs]`, kernel `[inputs, units]`, state `[1, units]`,
 * recurrent kernel `[units, units]` and bias `[units]`. As in the reference the input products are those of all steps,
 * the mean bias width counts once per input value, and all of it is multiplied by the parallelization factor (hgq2 §5.6).
 */
export function simpleRnnCost(settings: RecurrentCostSettings): CostFunction {
  const { steps, inputs, units, parallelizationFactor } = settings;
  return ([x, w, h, u, b]) => {
    const input = matMulCost(x, w, steps, inputs, units);
    const recurrent = matMulCost(h, u, 1, units, units);
    const bias = b == null ? null : biasCost(b, steps * inputs);
    const total: Cost = {
      value: input.value + recurrent.value + (bias?.value ?? 0),
      gradients: [...input.gradients, ...recurrent.gradients, ...(bias == null ? [] : [bias.gradient])],
    };
    return scaleCost(total, parallelizationFactor);
  };
}

/**
 * Cost of one step of a gated recurrence, times the parallelization factor (hgq2 §5.6), on the widths of input
 * `[1, inputs]`, kernel `[inputs, 3 · units]`, state `[1, units]`, recurrent kernel `[units, 3 · units]`, gates
 * `[1, 2 · units]`, recurrent part of the candidate `[1, units]`, candidate `[1, units]` and bias. Of the one bias of
 * `resetAfter: false` the reference counts the first element only, and so does this.
 */
export function gruCost(
  settings: Omit<RecurrentCostSettings, 'steps'> & { readonly resetAfter: boolean },
): CostFunction {
  const { inputs, units, parallelizationFactor, resetAfter } = settings;
  return ([x, w, h, u, gates, rh, candidate, b]) => {
    const input = matMulCost(x, w, 1, inputs, 3 * units);
    const state = matMulCost(h, resetAfter ? u : columns(u, units, 'gates'), 1, units, 3 * units);
    const late = matMulCost(
      rh,
      resetAfter ? new Float64Array(u.length) : columns(u, units, 'candidate'),
      1,
      units,
      3 * units,
    );
    let value = input.value + state.value + late.value;
    const dh = Float64Array.from(state.gradients[0]);
    const du = state.gradients[1].map((g, j) => {
      if (resetAfter) return g;
      return j % (3 * units) < 2 * units ? g : late.gradients[1][j];
    });
    const dgates = new Float64Array(gates.length);
    const drh = Float64Array.from(late.gradients[0]);
    const dcandidate = new Float64Array(candidate.length);
    for (let j = 0; j < units; j++) {
      const [z, r] = [gates[j], gates[units + j]];
      // The reset gate multiplies the recurrent part of the candidate, or the state in front of its matrix.
      const [gated, slopes] = resetAfter ? [rh, drh] : [h, dh];
      value += r * gated[j] + z * (candidate[j] + h[j]);
      dgates[j] = candidate[j] + h[j];
      dgates[units + j] = gated[j];
      slopes[j] += r;
      dcandidate[j] += z;
      dh[j] += z;
    }
    const gradients = [...input.gradients, dh, du, dgates, drh, dcandidate];
    if (b == null) return scaleCost({ value, gradients }, parallelizationFactor);
    const counted = b.map((_, j) => (resetAfter || j === 0 ? 1 : 0));
    value += b.reduce((sum, bits, j) => sum + bits * counted[j], 0);
    return scaleCost({ value, gradients: [...gradients, counted] }, parallelizationFactor);
  };
}

/** The recurrent kernel's widths with those of the other columns set to 0. */
function columns(u: Float64Array, units: number, part: 'gates' | 'candidate'): Float64Array {
  return u.map((bits, j) => (j % (3 * units) < 2 * units === (part === 'gates') ? bits : 0));
}
