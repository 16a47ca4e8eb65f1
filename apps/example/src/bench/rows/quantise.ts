import { arrayQuantizer, formatTable } from '@sp/quant';
import { randomSource } from '@sp/train';
import { type BenchGroup, medianMilliseconds } from '../row.ts';

const count = 1_000_000;

/** Quantising a million reals, against the plainest loop that rounds. */
export const quantise: BenchGroup = {
  name: 'quantise',
  about: '1,000,000 reals to 8-bit values, against a loop of Math.round(x · 64) / 64',
  run: async (report) => {
    const random = randomSource(1);
    const x = Float64Array.from({ length: count }, () => random.normal());
    const out = new Float64Array(count);
    const plain = await medianMilliseconds(() => {
      for (let j = 0; j < count; j++) out[j] = Math.round(x[j] * 64) / 64;
    });
    report({ name: 'Math.round loop', value: plain, unit: 'ms' });
    const formats = {
      'one format': formatTable([1000], { k: 1, i: 1, f: 6 }),
      'a format per element': formatTable([1000], {
        k: Array.from({ length: 1000 }, () => 1 as const),
        i: Array.from({ length: 1000 }, (_, j) => j % 3),
        f: Array.from({ length: 1000 }, (_, j) => 4 + (j % 4)),
      }),
    };
    for (const [name, table] of Object.entries(formats)) {
      for (const [round, overflow] of [
        ['RND', 'SAT'],
        ['RND_CONV', 'WRAP'],
      ] as const) {
        const quantizer = arrayQuantizer(table, [1000], round, overflow);
        const time = await medianMilliseconds(() => quantizer.values(x, out));
        report({
          name: `${name}, ${round} ${overflow}`,
          value: time,
          unit: 'ms',
          note: `${(time / plain).toFixed(1)} × the Math.round loop`,
        });
      }
    }
  },
};
