import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ebops } from './ebops.ts';
import { convEbops } from './ebops-conv.ts';
import type { EbopsRow } from './ebops-row.ts';
import { qconvExample } from './qconv-example.ts';

const path = new URL('../../../../packages/layers/test/fixtures/hgq2-vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(fileURLToPath(path), 'utf8')) as {
  ebops: (EbopsRow & { ebops?: number })[];
  qconv_example: { grad_sum_y_plus_losses: Record<string, unknown> };
};
const rows = vectors.ebops.filter((row) => /^Q(Dense|Conv|Batch|Max|AveragePooling|Global)(?!imum)/.test(row.layer));

describe('EBOPs of convolutions', () => {
  it('equal the recorded ones', async () => {
    expect(await ebops.check({ ebops: rows })).toEqual({ rows: 18, values: 18, mismatches: [] });
  });

  it('are compared to the last bit of a float32', async () => {
    const off = { ...rows[0], ebops: 258.001 };
    const { mismatches } = await ebops.check({ ebops: [off] });
    expect(mismatches).toEqual([{ where: 'row 0, QDense', expected: 258.001, got: 258 }]);
    await expect(ebops.check({ ebops: [{ layer: 'QNothing', ebops: 1 }] })).rejects.toThrow(
      "row 0: no layer 'QNothing'",
    );
  });

  it('leave rows of other layers alone', () => {
    expect(convEbops({ layer: 'QSoftmax', input: [4] })).toBeNull();
  });
});

describe('the convolution example', () => {
  it('is repeated to the last recorded digit', async () => {
    expect(await qconvExample.check(vectors)).toEqual({ rows: 1, values: 38, mismatches: [] });
  });

  it('shows every number that is off', async () => {
    const { grad_sum_y_plus_losses: gradients } = vectors.qconv_example;
    const off = { ...vectors.qconv_example, y: -0.25, grad_sum_y_plus_losses: { ...gradients, bq_b: 0.00437219 } };
    const { mismatches } = await qconvExample.check({ qconv_example: off });
    expect(mismatches.map(({ where }) => where)).toEqual(['y 0', 'gradient of bq_b 0']);
    const unknown = { ...vectors.qconv_example, grad_sum_y_plus_losses: { dq: 1 } };
    await expect(qconvExample.check({ qconv_example: unknown })).rejects.toThrow(
      'gradient of dq: the layer has no such variable',
    );
  });
});
