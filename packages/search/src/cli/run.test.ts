import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeSettings } from '../study/settings.ts';
import { openStudy } from '../study/study.ts';
import { EXAMPLE } from './example-settings.ts';
import { run } from './run.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sp-search-cli-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function sp(...argv: string[]): Promise<{ code: number; out: string; error: string }> {
  const [out, error]: string[][] = [[], []];
  const code = await run(argv, { out: (text) => void out.push(text), error: (text) => void error.push(text) });
  return { code, out: out.join('\n'), error: error.join('\n') };
}

describe('sp-search', () => {
  it('explains itself', async () => {
    const { code, out } = await sp('--help');
    expect(code).toBe(0);
    for (const command of ['run SETTINGS DIR', 'status DIR', 'example', 'parameters'])
      expect(out).toContain(`  ${command}`);
    expect((await sp('run', '--help')).out).toContain('--workers');
    expect((await sp()).code).toBe(2);
    expect((await sp('parameters')).out).toContain('filters1             4        filters of convolution 1');
  });

  it('gives settings that make sense', async () => {
    const { out } = await sp('example');
    expect(wholeSettings(JSON.parse(out))).toMatchObject(EXAMPLE);
  });

  it('shows a study, as JSON too', async () => {
    const folder = join(dir, 'study');
    const study = await openStudy(folder, { ...EXAMPLE, trials: 3 });
    for (const [state, valAccuracy] of [
      ['finished', 0.9],
      ['pruned', 0],
      ['failed', 0],
    ] as const) {
      const task = await study.take();
      if (task === null || task === 'wait') return expect.unreachable();
      const metrics: Record<string, number> =
        state === 'finished' ? { valAccuracy, lut: 1000, latencyNs: 120.25, interval: 1 } : {};
      await study.end(task.number, { state, metrics, rungs: [] }, 1);
    }
    await study.close();
    const { code, out } = await sp('status', folder, '--json');
    const lines = out.split('\n');
    expect([code, lines[0]]).toEqual([0, '3 trials: 1 finished, 1 given up at a rung, 1 failed']);
    expect(lines[1]).toMatch(/^trial {2}valAccuracy +lut +latencyNs +interval +parameters$/);
    expect(lines[2]).toMatch(/^ {4}0 +0\.9 +1000 +120\.3 +1 {2}n \d+, convs \d/);
    expect(JSON.parse(lines[3])).toMatchObject({ front: [0], trials: [{ number: 0 }, { number: 1 }, { number: 2 }] });
  });

  it('says what is wrong, and how to put it right', async () => {
    const file = join(dir, 'settings.json');
    await writeFile(file, JSON.stringify({ ...EXAMPLE, trails: 3 }));
    expect(await sp('run', file, join(dir, 'new'))).toMatchObject({
      code: 2,
      error: expect.stringContaining('did you mean "trials"?'),
    });
    expect((await sp('run', file, join(dir, 'new'), '--trials', '0')).error).toContain(
      '--trials 0: give a whole number',
    );
    expect((await sp('status', join(dir, 'nowhere'))).error).toContain('name the folder of a study that was begun');
    expect((await sp('run', join(dir, 'none.json'), 'x')).code).toBe(2);
  });
});
