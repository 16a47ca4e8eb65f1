import { compareRtl, planRtl } from '../../src/index.ts';
import type { RandomRtl } from './random-cases.ts';

/** What differs between hardware and interpreter, as text; and how many numbers were compared. */
export function differences({ graph, options, images }: RandomRtl): { wrong: string[]; compared: number } {
  const { rows, onTime, compared } = compareRtl(planRtl(graph, options), images, { gaps: [0, 0, 1, 3] });
  const wrong = rows.filter(({ mismatches }) => mismatches > 0).map((row) => JSON.stringify(row));
  if (!onTime) wrong.push('not on time');
  return { wrong, compared };
}
