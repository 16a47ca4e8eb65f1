import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchFunction } from '../../test/support/search-function.ts';
import { run } from '../cli/run.ts';
import { choice, float, integer, log, openStudy, type StudySettings } from '../index.ts';
import { wholeSettings } from '../study/settings.ts';
import { importanceOf } from './importance.ts';
import { studyRun } from './study-report.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sp-report-'));
});
afterAll(() => rm(root, { recursive: true }));

const settings: StudySettings = {
  space: {
    strong: float(0, 1),
    weak: float(0, 1),
    layers: integer(1, 2),
    filters: integer(1, 8, { when: { parameter: 'layers', is: [2] } }),
    kind: choice(['a', 'b']),
    beta: log(1e-6, 1e-2),
  },
  objectives: [
    { metric: 'gain', direction: 'max' },
    { metric: 'cost', direction: 'min' },
  ],
  constraints: [{ metric: 'time', most: 100 }],
  trials: 60,
  sampler: { kind: 'halton' },
};
const of = (point: Readonly<Record<string, unknown>>): Record<string, number> => ({
  gain: 10 * Number(point['strong']) + Number(point['weak']) + (point['kind'] === 'a' ? 3 : 0),
  cost: Number(point['filters'] ?? 0) + Number(point['strong']),
  time: 1,
});
const trials = searchFunction(
  { space: settings.space, objectives: settings.objectives, of },
  { kind: 'halton' },
  60,
  1,
);

describe('importance', () => {
  it('is that of the function', () => {
    const [gain, cost] = settings.objectives.map((objective) =>
      Object.fromEntries(
        importanceOf(trials, settings.space, objective).map(({ name, importance }) => [name, importance]),
      ),
    );
    const order = Object.entries(gain).sort(([, a], [, b]) => b - a);
    expect(order[0][0]).toBe('strong');
    expect(gain['kind']).toBeGreaterThan(gain['layers']);
    expect(gain['strong']).toBeGreaterThan(3 * gain['weak']);
    expect(cost['filters']).toBeGreaterThan(cost['weak']);
  });
});

describe('the report of a study', () => {
  it('has every figure, with the front in colour', async () => {
    const shown = studyRun({ settings: wholeSettings(settings), trials }, 'digits');
    expect(shown.search?.metrics.map(({ name }) => name)).toEqual(['gain', 'cost', 'time']);
    expect(shown.search?.fronts).toHaveLength(1);
    const chosen = shown.search?.trials.filter((row) => row.chosen === true) ?? [];
    expect(chosen.length).toBe(shown.tables?.[0].rows.length);
    expect(chosen.length).toBeGreaterThan(1);
    expect(chosen.length).toBeLessThan(30);

    const folder = join(root, 'study');
    const study = await openStudy(folder, { ...settings, trials: 12 });
    for (let j = 0; j < 12; j++) {
      const task = await study.take();
      if (task === null || task === 'wait') return expect.unreachable();
      await study.end(task.number, { state: 'finished', metrics: of(task.point), rungs: [] }, 1);
    }
    await study.close();
    const lines: string[] = [];
    const terminal = { out: (text: string) => void lines.push(text), error: (text: string) => void lines.push(text) };
    expect([await run(['report', folder], terminal), lines]).toEqual([
      0,
      [`12 trials in ${join(folder, 'report.html')}`],
    ]);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    for (const heading of ['Search', 'More about this run']) expect(page).toContain(`>${heading}</h2>`);
    expect(page.match(/<figure>/g)).toHaveLength(1 + 1 + 2 + 3);
  });

  it('says when there is nothing to show', async () => {
    const folder = join(root, 'empty');
    await (await openStudy(folder, settings)).close();
    const lines: string[] = [];
    const terminal = { out: () => {}, error: (text: string) => void lines.push(text) };
    expect(await run(['report', folder], terminal)).toBe(2);
    expect(lines[0]).toContain('no trial has finished yet');
    expect(await run(['retrain', folder, join(root, 'out'), '--pick', 'x'], terminal)).toBe(2);
    expect(lines[1]).toContain('--pick x: give numbers of trials');
    expect(await run(['retrain', folder, join(root, 'out'), '--pick', '3'], terminal)).toBe(2);
    expect(lines[2]).toContain('has no finished trial 3');
  });
});
