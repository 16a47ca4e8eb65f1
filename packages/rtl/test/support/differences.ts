import { compareRtl, planRtl, testImages } from '../../src/index.ts';
import type { RandomRtl } from './random-cases.ts';

/** What differs between hardware and interpreter on random and on constructed images, as text; and how many numbers were compared. */
export function differences({ graph, options, images }: RandomRtl): { wrong: string[]; compared: number } {
  const plan = planRtl(graph, options);
  const results = [
    compareRtl(plan, images, { gaps: [0, 0, 1, 3] }),
    compareRtl(plan, testImages(graph, 20), { inputs: 'codes' }),
  ];
  const wrong = results
    .flatMap(({ rows }) => rows.filter(({ mismatches }) => mismatches > 0))
    .map((row) => JSON.stringify(row));
  if (!results.every(({ onTime }) => onTime)) wrong.push('not on time');
  return { wrong, compared: results.reduce((sum, { compared }) => sum + compared, 0) };
}
