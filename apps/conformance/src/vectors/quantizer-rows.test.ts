import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixedGrad } from './fixed-grad.ts';
import { layerWrap } from './layer-wrap.ts';

const path = new URL('../../test/fixtures/hgq2_vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(fileURLToPath(path), 'utf8')) as {
  fixed_grad: { di: number[]; overflow: string }[];
  layer_wrap: { cls: string; train_steps: { i_raw: number[] }[] }[];
};

describe('gradients of the fixed-point quantizer', () => {
  it('equal the recorded ones', async () => {
    expect(await fixedGrad.check(vectors)).toEqual({ rows: 9, values: 324, mismatches: [] });
  });

  it('show a number that is off, and refuse another form', async () => {
    const off = structuredClone(vectors);
    off.fixed_grad[1].di[0] += 0.01;
    const { mismatches } = await fixedGrad.check(off);
    expect(mismatches.map(({ where }) => where)).toEqual(['row 1 (k=1 i=2 f=1 SAT), di at x = -5']);
    off.fixed_grad[0].overflow = 'SYM';
    await expect(fixedGrad.check(off)).rejects.toThrow('row 0: overflow is "SYM"');
  });
});

describe('WRAP quantizers in training', () => {
  it('follow their range as recorded', async () => {
    expect(await layerWrap.check(vectors)).toEqual({ rows: 2, values: 84, mismatches: [] });
  });

  it('show a number that is off, and refuse another form', async () => {
    const off = structuredClone(vectors);
    off.layer_wrap[1].train_steps[2].i_raw[1] = 1.3;
    const { mismatches } = await layerWrap.check(off);
    expect(mismatches.map(({ where }) => where)).toEqual(['row 1 (FixedPointQuantizerKBI), step 2, i_raw 1']);
    off.layer_wrap[0].cls = 'Other';
    await expect(layerWrap.check(off)).rejects.toThrow("row 0: no quantizer 'Other'");
  });
});
