import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { betaPidLog, piecewise } from './schedules.ts';

const path = new URL('../../test/fixtures/hgq2_vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(fileURLToPath(path), 'utf8')) as {
  piecewise: { at: number[][]; points: unknown };
  beta_pid_log: { beta: number[] };
};

describe('β schedules', () => {
  it('equal the recorded ones', async () => {
    expect(await piecewise.check(vectors)).toEqual({ rows: 1, values: 7, mismatches: [] });
    expect(await betaPidLog.check(vectors)).toEqual({ rows: 1, values: 6, mismatches: [] });
  });

  it('show a number that is off, and refuse another form', async () => {
    const off = structuredClone(vectors);
    off.piecewise.at[2][1] = 5.1e-6;
    off.beta_pid_log.beta[4] *= 1 + 1e-9;
    expect(await piecewise.check(off)).toMatchObject({ mismatches: [{ where: 'epoch 5', expected: 5.1e-6 }] });
    expect(await betaPidLog.check(off)).toMatchObject({ mismatches: [{ where: 'step 4, EBOPs 900' }] });
    expect(() => piecewise.check({ piecewise: { ...off.piecewise, points: 3 } })).toThrow('points is no table');
  });
});
