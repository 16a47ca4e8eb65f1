import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Format } from '../format/format.ts';
import { OVERFLOW_MODES, ROUND_MODES } from '../format/type-string.ts';
import { graphBuilder } from '../graph/builder.ts';
import { decode } from '../interpret/decode.ts';
import { interpret } from '../interpret/interpret.ts';
import { simplify } from './simplify.ts';

const format: fc.Arbitrary<Format> = fc.record({
  k: fc.constantFrom<0 | 1>(0, 1),
  i: fc.integer({ min: -2, max: 4 }),
  f: fc.integer({ min: -3, max: 4 }),
});

/** A list, perhaps pooled, flattened and requantised by channel. */
const networks = fc
  .record({
    height: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 6 }),
    channels: fc.integer({ min: 1, max: 3 }),
    slots: fc.integer({ min: 1, max: 8 }),
    pool: fc.constantFrom(undefined, 'avg' as const, 'max' as const),
    formats: fc.array(format, { minLength: 3, maxLength: 3 }),
    round: fc.constantFrom(...ROUND_MODES),
    overflow: fc.constantFrom(...OVERFLOW_MODES),
  })
  .chain((shape) => {
    const size = shape.height * shape.width * shape.channels;
    const pixel = fc.oneof(fc.constant(0), fc.integer({ min: -16, max: 15 }));
    return fc.record({ shape: fc.constant(shape), image: fc.array(pixel, { minLength: size, maxLength: size }) });
  });

it('casts by channel before a flatten = behind it', () => {
  let hoisted = 0;
  fc.assert(
    fc.property(networks, ({ shape: { height, width, channels, slots, pool, formats, round, overflow }, image }) => {
      const g = graphBuilder('net');
      const x = g.input('x', { shape: [height, width, channels], format: { k: 1, i: 2, f: 2 } });
      const list = g.reduce('list', x, { slots: Math.min(slots, height * width), threshold: 0 });
      const size = [Math.min(2, height), Math.min(2, width)] as const;
      const pooled = pool === undefined ? list : g.sparsePool2d('pool', list, { mode: pool, pool: size });
      const flat = g.sparseFlatten('flat', pooled);
      const own = Array.from({ length: flat.shape[0] }, (_, j) => formats[j % channels]);
      const to = {
        shape: flat.shape,
        k: own.map(({ k }) => k),
        i: own.map(({ i }) => i),
        f: own.map(({ f }) => f),
      };
      const graph = g.build([g.relu('out', g.requantize('cast', flat, { to, round, overflow }))]);
      const smaller = simplify(graph);
      if (smaller.nodes.some(({ op, slots: list }) => op === 'requantize' && list !== undefined)) hoisted++;
      const reals = (of: typeof graph) =>
        decode(of.nodes.at(-1)!, interpret(of, { x: image }, { inputs: 'codes' }).outputs['out']);
      expect(reals(smaller)).toEqual(reals(graph));
    }),
    { seed: 20261, numRuns: 400 },
  );
  expect(hoisted).toBeGreaterThan(100);
});
