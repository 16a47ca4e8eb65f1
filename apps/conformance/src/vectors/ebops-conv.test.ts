import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setBackend } from '@sp/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { convEbops } from './ebops-conv.ts';
import { type EbopsRow, ebopsCheck } from './ebops-row.ts';
import { checkQConvExample, type QConvExample } from './qconv-example.ts';

const path = new URL('../../../../packages/layers/test/fixtures/hgq2-vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(fileURLToPath(path), 'utf8')) as {
  ebops: (EbopsRow & { ebops: number })[];
  qconv_example: QConvExample;
};

beforeAll(() => setBackend('cpu'));

describe('vectors of convolutions', () => {
  it('EBOPs equal the recorded ones', () => {
    const checks = vectors.ebops.flatMap((row) => {
      const measured = convEbops(row);
      return measured == null ? [] : [ebopsCheck(row, measured)];
    });
    expect(checks.length).toBe(18);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.filter(({ deviation }) => deviation > 0).length).toBeLessThanOrEqual(1);
    expect(ebopsCheck(vectors.ebops[0], vectors.ebops[0].ebops + 0.01).ok).toBe(false);
  });

  it('leave rows of other layers alone', () => {
    expect(convEbops({ layer: 'QSoftmax', input: [4] })).toBeNull();
  });

  it('the example step is repeated to the last recorded digit', () => {
    const checks = checkQConvExample(vectors.qconv_example);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.length).toBe(14);
  });

  it('an example that is off is noticed', () => {
    const { grad_sum_y_plus_losses: gradients } = vectors.qconv_example;
    const off = { ...vectors.qconv_example, grad_sum_y_plus_losses: { ...gradients, bq_b: 0.00437219, dq: 1 } };
    const wrong = checkQConvExample(off).filter(({ ok }) => !ok);
    expect(wrong.map(({ what }) => what)).toEqual(['gradient of bq_b', 'gradient of dq']);
  });
});
