import { beforeAll, describe, expect, it } from 'vitest';
import {
  type DescribedLayer,
  distance,
  element,
  fileOf,
  grid,
  inferred,
  interpreted,
  type Plain,
  tabulate,
} from '../../test/support/keras-file.ts';
import { loadedNotes } from '../../test/support/loaded-notes.ts';
import { setBackend } from '../backend/set-backend.ts';
import type { JsonObject } from './json-object.ts';

beforeAll(() => setBackend('cpu'));

const shape = [4, 3] as const;
const batch = 5;

/** Half to even, as bit variables are rounded. */
function even(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}

const rounding: Readonly<Record<string, (u: number) => number>> = {
  TRN: Math.floor,
  RND: (u) => Math.floor(u + 0.5),
  RND_CONV: even,
  S_RND: (u) => Math.floor(u + 0.5),
  S_RND_CONV: even,
  TRN_ZERO: Math.trunc,
  RND_ZERO: (u) => Math.sign(u) * Math.ceil(Math.abs(u) - 0.5),
  RND_INF: (u) => Math.sign(u) * Math.floor(Math.abs(u) + 0.5),
  RND_MIN_INF: (u) => Math.ceil(u - 0.5),
};

/** hgq2 §1, in code. */
function quantised(x: number, k: number, i: number, f: number, round: string, overflow: string): number {
  if (k + i + f <= 0) return 0;
  const code = rounding[round](x * 2 ** f);
  const [low, high] = [-k * 2 ** (i + f), 2 ** (i + f) - 1];
  if (overflow === 'WRAP') {
    const span = high - low + 1;
    return (((((code - low) % span) + span) % span) + low) * 2 ** -f;
  }
  const least = overflow === 'SAT_SYM' ? -k * high : low;
  return Math.min(Math.max(code, least), high) * 2 ** -f;
}

const constraint = (className: string, config: JsonObject): JsonObject => ({ class_name: className, config });
const axesOf: Readonly<
  Record<string, { homogeneous_axis: number[] | null; heterogeneous_axis: number[] | null; bits: number[] }>
> = {
  'one per element': { homogeneous_axis: [0], heterogeneous_axis: null, bits: [1, 4, 3] },
  'one per channel': { homogeneous_axis: null, heterogeneous_axis: [-1], bits: [1, 1, 3] },
  'one per row': { homogeneous_axis: [0, -1], heterogeneous_axis: null, bits: [1, 4, 1] },
  'one for all': { homogeneous_axis: null, heterogeneous_axis: [], bits: [1, 1, 1] },
};

interface Choice {
  readonly qType: 'kif' | 'kbi';
  readonly round: string;
  readonly overflow: string;
  readonly axes: string;
  readonly options?: JsonObject;
  readonly mapper?: boolean;
  readonly trainable?: boolean;
}

/** The stand-alone quantizer of HGQ2 with some options, and what it makes of a number at a place. */
function layerOf(
  choice: Choice,
  seed: number,
): { layer: DescribedLayer; at: (x: number, row: number, column: number) => number } {
  const { qType, round, overflow, axes, options = {}, mapper = false, trainable = true } = choice;
  const { bits, ...lists } = axesOf[axes];
  const size = bits.reduce((product, extent) => product * extent, 1);
  const whole = (from: number, to: number, at: number): Plain => ({
    shape: bits,
    // Fractions that training leaves, halves among them.
    data: grid([size], seed + at, 2).data.map((v) => from + ((((v + 2) / 4) * (to - from) * 2) | 0) / 2),
  });
  const [width, i] = qType === 'kif' ? [whole(0, 3, 1), whole(-1, 2, 2)] : [whole(1, 5, 1), whole(-1, 2, 2)];
  const settledI = overflow === 'WRAP' ? { shape: bits, data: i.data.map(even) } : i;
  const k: Plain = { shape: bits, data: grid([size], seed + 3).data.map((v) => (v > -1 ? 1 : 0)) };
  const decay: Plain = { shape: [], data: [0.01] };
  const pair = qType === 'kif' ? [settledI, width] : [width, settledI];
  const stored = !trainable ? [k, ...pair] : overflow === 'WRAP' ? [width, k, settledI] : [...pair, k];
  const arrays = [...stored, ...(overflow === 'WRAP' ? [decay] : [])];
  const config = {
    ...{ q_type: qType, place: 'datalane', scaler: null, qnoise_factor: null, affine: null, k0: true, i0: 7 },
    ...(qType === 'kif'
      ? { f0: 6, fc: constraint('MinMax', { min_value: -24, max_value: 24 }), fr: constraint('MonoL1', { l1: 1e-8 }) }
      : { b0: 8, bc: constraint('NonNeg', {}), br: constraint('L1', { l1: 1e-6 }) }),
    ...{ round_mode: round, overflow_mode: overflow, ic: null, ir: null, i_decay_speed: 0.01 },
    ...(mapper
      ? { homogeneous_axis: null, heterogeneous_axis: null, bw_mapper: constraint('DefaultBitwidthMapper', lists) }
      : { ...lists, bw_mapper: null }),
    ...{ trainable, is_weight: false, ...options },
  };
  const scaler = (options['scaler'] ?? 1) as number;
  const [a, c] = (options['affine'] ?? [1, 0]) as [number, number];
  const layer: DescribedLayer = {
    className: 'Quantizer',
    module: 'hgq.quantizer',
    config: { config: { module: 'hgq.quantizer.config', class_name: 'QuantizerConfig', config } },
    arrays: Object.fromEntries(arrays.map((array, j) => [`quantizer/vars/${j}`, array])),
    bytes: [stored.indexOf(k)].map((j) => `quantizer/vars/${j}`),
  };
  return {
    layer,
    at(x, row, column) {
      const place = [0, bits[1] === 1 ? 0 : row, bits[2] === 1 ? 0 : column];
      const read = (plain: Plain): number => element(plain, ...place);
      const integer = even(read(settledI));
      const f = qType === 'kif' ? even(read(width)) : even(read(width)) - integer;
      return a * (quantised(x / scaler, read(k), integer, f, round, overflow) * scaler) + c;
    },
  };
}

function check(choice: Choice, seed: number, lowers: boolean = true): void {
  const { layer, at } = layerOf(choice, seed);
  const x = grid([batch, ...shape], seed + 9, 32);
  const file = fileOf([shape], [layer]);
  const wanted = tabulate(x.shape, (n, row, column) => at(element(x, n, row, column), row, column));
  const what = JSON.stringify(choice);
  expect({ far: distance(inferred(file, [x]), wanted) }, what).toEqual({ far: 0 });
  if (lowers) expect({ far: distance(interpreted(file, [x]) as Plain, wanted) }, `lowered ${what}`).toEqual({ far: 0 });
}

describe('quantizers of HGQ2 from files', () => {
  let seed = 1;
  for (const qType of ['kif', 'kbi'] as const) {
    for (const overflow of ['WRAP', 'SAT', 'SAT_SYM']) {
      it(`${qType} ${overflow}, every rounding and every sharing of formats`, () => {
        for (const round of Object.keys(rounding)) {
          for (const axes of Object.keys(axesOf)) {
            check({ qType, round, overflow, axes, mapper: seed % 3 === 0 }, seed);
            seed += 10;
          }
        }
      });

      it(`${qType} ${overflow} with scaler and affine map, frozen or not`, () => {
        for (const options of [
          { scaler: 0.5 },
          { scaler: 4, affine: [0.5, 0.25] },
          { affine: [-2, 1] },
          { qnoise_factor: 0.5 },
        ]) {
          for (const trainable of [true, false]) {
            check({ qType, round: 'RND', overflow, axes: 'one per channel', options, trainable }, seed);
            seed += 10;
          }
        }
        check({ qType, round: 'RND', overflow, axes: 'one for all', options: { scaler: 3 } }, seed, false);
      });
    }
  }

  it.each([
    [{ overflow_mode: 'SYM' }, /Layer 'layer'.*overflowMode = "SYM".*SAT_SYM/],
    [{ round_mode: 'UP' }, /Layer 'layer'.*roundMode = "UP"; expected one of TRN/],
    [{ i_decay_speed: -1 }, /Layer 'layer'.*iDecaySpeed = -1; expected a number ≥ 0/],
    [{ q_type: 'float' }, /Layer 'layer'.*q_type = "float"; expected 'kbi', 'kif' or 'dummy'/],
    [{ overflow_mode: 'WRAP_SM', k0: false }, /Layer 'layer'.*k0 = false; expected true.*Train with WRAP or SAT/],
    [
      { bw_mapper: { class_name: 'OwnMapper', config: {} } },
      /Layer 'layer'.*bw_mapper.*expected DefaultBitwidthMapper/,
    ],
    [{ another_option: 3 }, /Layer 'layer'.*another_option = 3 is not supported/],
  ])('refuse %j, naming layer, option, value and remedy', (options, message) => {
    const { layer } = layerOf({ qType: 'kif', round: 'RND', overflow: 'SAT', axes: 'one for all', options }, 5);
    expect(() => inferred(fileOf([shape], [layer]), [grid([batch, ...shape], 1)])).toThrow(message);
  });

  it('tell what training goes on without', () => {
    const options = { ic: constraint('UnitNorm', { axis: 0 }), ir: constraint('L2', { l2: 0.1 }) };
    const { layer } = layerOf({ qType: 'kif', round: 'RND', overflow: 'SAT', axes: 'one for all', options }, 5);
    const notes = loadedNotes(fileOf([shape], [layer]));
    expect(notes.join()).toMatch(
      /ic = UnitNorm \{"axis":0\} has no counterpart.*ir = L2 \{"l2":0.1\} has no counterpart/,
    );
  });
});
