import { requantizeCode } from '@sp/quant';
import { OVERFLOW_MODES, ROUND_MODES } from '@sp/quant/internal';
import { describe, expect, it } from 'vitest';
import { Library } from '../hdl/library.ts';
import { ModuleBuilder } from '../hdl/module-builder.ts';
import { isConstant } from '../hdl/signal.ts';
import { flatten } from '../simulate/flatten.ts';
import { Machine } from '../simulate/machine.ts';
import { type Cast, castSignal } from './requantize.ts';

/** The hardware of a cast, run for every code from `lo` to `hi`. */
function castAll(lo: number, hi: number, cast: Cast): bigint[] {
  const b = new ModuleBuilder(new Library({ interval: 1, levels: 16 }));
  const time = { stage: 0, level: 0, last: 0, chunk: false };
  const x = b.input('x', { lo: BigInt(lo), hi: BigInt(hi) }, time);
  const y = castSignal(b, x, cast);
  const { module } = b.finish('cast', [], [y]);
  const flat = flatten({ modules: [module] });
  const machine = new Machine(flat);
  const results: bigint[] = [];
  for (let code = lo; code <= hi; code++) {
    machine.set(flat.top[x.id], BigInt(code));
    // Long enough for any number of stages.
    for (let clock = 0; clock <= y.stage; clock++) {
      machine.settle();
      if (clock < y.stage) machine.tick();
    }
    results.push(isConstant(y) ? y.lo : machine.get(flat.top[y.id]));
  }
  return results;
}

describe('castSignal', () => {
  const cases = ROUND_MODES.flatMap((round) => OVERFLOW_MODES.map((overflow) => [round, overflow] as const));

  it.each(cases)('is the arithmetic of @sp/quant: %s, %s', (round, overflow) => {
    for (const [lo, hi] of [
      [-37, 41],
      [0, 70],
      [-50, -1],
    ]) {
      for (const divisor of [1, 3, 5, 9]) {
        for (const [k, i, f] of [
          [1, 2, 1],
          [0, 3, 0],
          [1, 0, 0],
          [1, 9, 4],
          [0, -1, 5],
          [0, 7, -6],
        ] as const) {
          const cast: Cast = { fromF: 3, divisor, to: { k, i, f }, round, overflow, outF: f + 1 };
          const expected = Array.from(
            { length: hi - lo + 1 },
            (_, j) => requantizeCode(BigInt(lo + j), 3, cast.to, round, overflow, divisor) << 1n,
          );
          expect(castAll(lo, hi, cast), JSON.stringify({ cast, lo })).toEqual(expected);
        }
      }
    }
  });
});
