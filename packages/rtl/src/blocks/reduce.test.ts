/** The input reduction of images of many shapes: one to three levels of lanes, groups that a row does not fill, rows in parts. */
import { graphBuilder } from '@sp/quant';
import { expect, it } from 'vitest';
import { planRtl } from '../plan/plan-rtl.ts';
import { compareRtl } from '../simulate/compare-rtl.ts';
import { generator } from '../vectors/random.ts';
import { testImages } from '../vectors/test-images.ts';

it.each([
  // height, width, channels, slots, threshold, interval, levels
  [3, 1, 1, 1, 0, 1, 5],
  [1, 4, 2, 3, 5, 1, 3],
  [5, 7, 1, 4, -3, 2, 5],
  [4, 17, 1, 13, 2, 1, 4],
  [6, 17, 3, 14, 2, 3, 5],
  [7, 33, 1, 20, 7, 5, 5],
  [2, 70, 1, 53, 1, 1, 8],
  [5, 66, 2, 60, -8, 4, 3],
  [3, 9, 1, 27, 3, 8, 6],
  // The first row's rank is a constant, narrower than the port of all rows.
  [5, 7, 1, 3, 0, 1, 4],
  [2, 3, 1, 5, 6, 1, 6],
])('%i x %i x %i to %i slots above %i, interval %i, %i levels', (...shape) => {
  const [height, width, channels, slots, threshold, interval, levelsPerStage] = shape;
  const g = graphBuilder('list');
  const image = g.input('image', {
    shape: [height, width, channels],
    format: { k: 1, i: 0, f: 3 },
    round: 'RND',
    overflow: 'SAT',
  });
  const graph = g.build([g.reduce('reduce', image, { slots, threshold })]);
  const plan = planRtl(graph, { interval, levelsPerStage });
  const random = generator(slots);
  const codes = Array.from({ length: 60 }, (_, j) =>
    Array.from({ length: height * width * channels }, () =>
      random.next() < (j % 6) / 5 ? BigInt(random.integer(-8, 7)) : -8n,
    ),
  );
  for (const images of [testImages(graph, 40), { image: codes.flat() }]) {
    const { mismatches, compared, onTime } = compareRtl(plan, images, { inputs: 'codes', gaps: [0, 0, 2] });
    expect(mismatches).toBe(0);
    expect(compared).toBeGreaterThan(0);
    expect(onTime).toBe(true);
  }
});
