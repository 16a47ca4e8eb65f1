import { expect, it } from 'vitest';
import { attackDataReaders } from '../../test/attack/attack-data-readers.ts';

/** 3,300 and more by `npm run attack`, or here with SP_ATTACK=3300. */
const count = Number(process.env['SP_ATTACK'] ?? 440);

it(`no reader takes one of ${count} damaged data files for another, hangs, or fails without a reason`, async () => {
  const rows = await attackDataReaders({ seed: 1, count });
  if (process.env['SP_ATTACK'] !== undefined) {
    for (const { faults: _, ...row } of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
  }
  expect(rows.flatMap(({ faults }) => faults)).toEqual([]);
  expect(rows.every(({ hangs, refused }) => hangs === 0 && refused > 0)).toBe(true);
});
