import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimatePublished, estimateTable } from './estimate.ts';
import { run } from './run.ts';

const SCALING = 'layer,bits,project,n_out,m_n_sparse,m_chan,m_filt,m_ker,m_h,m_w,lat_min,ii_min,vLUT,vDSP';
const MODELS = 'task,bits,n_sparse,lat_min,ii_min,vLUT,vDSP';

/** Convolutions that keep the law (2 + C cycles, one more from 25 slots) and have about 40 LUTs per pair. */
function convolutions(wrong: number): string {
  const rows = [10, 15, 20, 25, 30].flatMap((n) =>
    [1, 2, 3].map((c) => {
      const cycles = 2 + c + (n >= 25 ? 1 : 0) + wrong;
      return `conv,16b,conv-p${n}-c${c},,${n},${c},1,3,,,${cycles},${cycles},${n * n * (20 + 15 * c)},${n * n * c}`;
    }),
  );
  return [SCALING, ...rows].join('\n');
}

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estimate-'));
  await writeFile(file('models.csv'), MODELS);
  await writeFile(file('right.csv'), convolutions(0));
  await writeFile(file('wrong.csv'), convolutions(1));
  await writeFile(file('other.csv'), 'a,b\n1,2\n');
});

afterAll(() => rm(folder, { recursive: true }));

describe('estimate', () => {
  it('accepts reports that follow the laws', async () => {
    const report = await estimatePublished(file('models.csv'), file('right.csv'));
    expect(report.ok).toBe(true);
    expect(report.checks.map(({ value }) => value)).toEqual([1, 1, expect.closeTo(0, 1), 0]);
    expect(estimateTable(report)).toMatch(/conv +15 +100.0 % +100.0 % +0 cycles/);
  });

  it('names what is out of tolerance, and the worst row', async () => {
    const report = await estimatePublished(file('models.csv'), file('wrong.csv'));
    expect(report.ok).toBe(false);
    expect(estimateTable(report)).toMatch(/out of tolerance: latency exact 0.0 % \(limit 97.0 %\)/);
    expect(report.worst?.name).toMatch(/^conv-p/);
  });

  it('is a command of the program: 0, 1 and 2', async () => {
    const lines: string[] = [];
    const terminal = { out: (line: string) => void lines.push(line), error: (line: string) => void lines.push(line) };
    const code = (scaling: string) =>
      run(['node', 'x', 'estimate', file('models.csv'), file(scaling), '--json'], terminal);
    expect(await code('right.csv')).toBe(0);
    expect(JSON.parse(lines.at(-1) as string)).toMatchObject({ command: 'estimate', ok: true });
    expect(await code('wrong.csv')).toBe(1);
    expect(await code('other.csv')).toBe(2);
    expect(lines.at(-1)).toMatch(/unknown layer "undefined"|column/);
    expect(await code('missing.csv')).toBe(2);
  });
});
