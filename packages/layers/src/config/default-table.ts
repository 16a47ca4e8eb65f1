import { minMax } from '../quantizer/constraint.ts';
import type {
  AllParameters,
  FixedPointParameters,
  FloatParameters,
  Place,
  QuantizerType,
} from './quantizer-settings.ts';

/** The library's default settings and the scopes laid over them (hgq2 §3.2, §3.5). */

/** The types that have settings. */
export type TrainedType = Exclude<QuantizerType, 'dummy'>;

/** One change of the defaults: parameters for some (type, place) pairs, and a default type for some places. */
export interface DefaultsPatch {
  readonly qTypes: readonly TrainedType[];
  readonly places: readonly Place[];
  readonly defaultQType?: QuantizerType;
  readonly parameters: Partial<AllParameters>;
}

/** Every place a quantizer can have. */
export const allPlaces: readonly Place[] = ['weight', 'bias', 'table', 'datalane'];

const monoL1 = 1e-8;
const common = {
  k0: true,
  i0: 2,
  roundMode: 'RND',
  trainable: true,
  scaler: null,
  affine: null,
  qnoiseFactor: null,
} as const;
const byPlace = {
  weight: {
    overflowMode: 'SAT_SYM',
    iDecaySpeed: Infinity,
    homogeneousAxis: [],
    heterogeneousAxis: null,
    isWeight: true,
  },
  bias: { overflowMode: 'WRAP', iDecaySpeed: 0.01, homogeneousAxis: [], heterogeneousAxis: null, isWeight: false },
  table: {
    overflowMode: 'SAT_SYM',
    iDecaySpeed: Infinity,
    homogeneousAxis: null,
    heterogeneousAxis: [],
    isWeight: false,
  },
  datalane: { overflowMode: 'WRAP', iDecaySpeed: 0.01, homogeneousAxis: [0], heterogeneousAxis: null, isWeight: false },
} as const;

const patches: DefaultsPatch[] = [];

/** Settings that a quantizer of this type and place gets when nothing is said. */
export function defaultsOf(qType: 'kbi' | 'kif', place: Place): FixedPointParameters {
  const own =
    qType === 'kbi'
      ? {
          b0: 8,
          bc: minMax(0, place === 'weight' || place === 'table' ? 23 : 24),
          br: monoL1,
          ic: null,
          ir: 0,
        }
      : { f0: 6, fc: minMax(-24, 24), fr: monoL1, ic: minMax(-23, 23), ir: monoL1 };
  return patched<FixedPointParameters>({ ...common, ...byPlace[place], ...own }, qType, place);
}

/** The same for minifloat quantizers. The reference's biases name both axis lists, which is invalid; ours are per element. */
export function floatDefaultsOf(place: Place): FloatParameters {
  const perElement = place === 'weight' || place === 'bias';
  const defaults: FloatParameters = {
    m0: 2,
    e0: 4,
    e00: 0,
    mc: minMax(-1, 8),
    ec: minMax(0, 4),
    e0c: minMax(-16, 16),
    mr: monoL1,
    er: monoL1,
    e0r: 0,
    homogeneousAxis: perElement ? [] : null,
    heterogeneousAxis: perElement ? null : [],
    trainable: true,
    scaler: null,
    affine: null,
    qnoiseFactor: null,
  };
  return patched(defaults, 'float', place);
}

/** Lays the scopes in force over a type's settings. */
function patched<Parameters extends object>(defaults: Parameters, qType: TrainedType, place: Place): Parameters {
  let result = defaults;
  for (const patch of patches) {
    if (!patch.qTypes.includes(qType) || !patch.places.includes(place)) continue;
    // A parameter that this type does not have (b0 of kif) is skipped, so that one scope can set all types.
    const applicable = Object.entries(patch.parameters).filter(([name]) => name in result);
    result = { ...result, ...Object.fromEntries(applicable) };
  }
  return result;
}

/** The type a place uses when the user says `'default'`. */
export function defaultQuantizerType(place: Place): QuantizerType {
  const chosen = patches.findLast((patch) => patch.defaultQType != null && patch.places.includes(place));
  return chosen?.defaultQType ?? (place === 'datalane' ? 'kif' : 'kbi');
}

/** Runs `body` with `patch` laid over the current defaults. */
export function withDefaults<Result>(patch: DefaultsPatch, body: () => Result): Result {
  patches.push(patch);
  try {
    return body();
  } finally {
    patches.splice(patches.lastIndexOf(patch), 1);
  }
}
