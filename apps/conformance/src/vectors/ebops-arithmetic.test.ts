import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ebops } from './ebops.ts';
import type { EbopsRow } from './ebops-row.ts';

const path = new URL('../../test/fixtures/hgq2_vectors.json', import.meta.url);
const { ebops: rows } = JSON.parse(readFileSync(fileURLToPath(path), 'utf8')) as { ebops: EbopsRow[] };

describe('EBOPs', () => {
  it('equal the recorded ones for every layer', async () => {
    expect(await ebops.check({ ebops: rows })).toEqual({ rows: 31, values: 31, mismatches: [] });
  });

  it('of a softmax are its own, and those of both tables', async () => {
    const softmax = rows.find(({ layer }) => layer === 'QSoftmax') as EbopsRow;
    const { mismatches } = await ebops.check({ ebops: [{ ...softmax, inv_table: 0.03 }] });
    expect(mismatches).toEqual([
      { where: 'row 0, QSoftmax', expected: 206 + 0.0768 + 0.03, got: expect.closeTo(206.0992, 4) },
    ]);
  });
});
