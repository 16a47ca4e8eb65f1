import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, lower } from '@sp/layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choice, float, integer, PointError, type Problem, type StudySettings } from '../index.ts';
import type { TrialContext } from '../run/problem.ts';
import { wholeSettings } from '../study/settings.ts';
import type { Metrics, Task } from '../study/trial.ts';
import { loadSearchData } from './load-search-data.ts';
import { fixedAccuracy } from './measure-network.ts';
import { networkProblem } from './network-problem.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sp-network-'));
});
afterAll(() => rm(root, { recursive: true }));

const study: StudySettings = {
  space: { filters1: integer(1, 2) },
  objectives: [{ metric: 'valAccuracy', direction: 'max' }],
  constraints: [{ metric: 'latencyNs', most: 300 }],
  trials: 3,
  pruner: { kind: 'asha', minEpochs: 1, maxEpochs: 3, factor: 2, by: [{ metric: 'valAccuracy', direction: 'max' }] },
  problem: { settings: { fixed: { units1: 8, batchSize: 64 }, workingPoint: { class: 3, falsePositiveRate: 0.05 } } },
};

async function made(more: Partial<StudySettings> = {}): Promise<Problem> {
  const settings = wholeSettings({ ...study, ...more });
  const problem = await networkProblem(settings.problem.settings ?? null, settings.space);
  problem.check?.(settings);
  return problem;
}

const task: Task = { number: 0, point: { filters1: 2, 'hls.strategy': 'latency' }, seed: 5, rungs: [] };

interface Seen {
  readonly rungs: (readonly [number, Metrics])[];
  readonly context: TrialContext;
}

function watching(folder: string, at: (epochs: number) => boolean = () => true): Seen {
  const rungs: (readonly [number, Metrics])[] = [];
  const rung = (epochs: number, metrics: Metrics): boolean => {
    rungs.push([epochs, metrics]);
    return at(epochs);
  };
  const signal = new AbortController().signal;
  return { rungs, context: { folder: join(root, folder), signal, rung, say: () => {} } };
}

describe('a trial of a network', () => {
  it('is measured, killed or not, and leaves the network that was measured', async () => {
    const problem = await made();
    const whole = watching('whole');
    const metrics = await problem.run(task, whole.context);
    expect(Object.keys(metrics)).toEqual(
      expect.arrayContaining(['auc', 'efficiency', 'ebops', 'lut', 'latencyNs', 'n']),
    );
    for (const value of Object.values(metrics)) expect(Number.isFinite(value)).toBe(true);
    expect(whole.rungs.map(([epochs]) => epochs)).toEqual([1, 2, 1, 2]);
    expect(await readdir(whole.context.folder)).toEqual(['model']);
    const model = await loadModel(join(whole.context.folder, 'model'));
    const { heldOut } = await loadSearchData({});
    expect(fixedAccuracy(lower(model), heldOut)).toBe(metrics['valAccuracy']);
    model.dispose();

    const killed = watching('killed', (epochs) => {
      if (epochs === 2) throw new Error('killed');
      return true;
    });
    await expect(problem.run(task, killed.context)).rejects.toThrow('killed');
    const again = watching('killed');
    expect(await problem.run(task, again.context)).toEqual(metrics);
    expect(new Map(again.rungs)).toEqual(new Map(whole.rungs));
  });

  it('ends at a rung', async () => {
    const pruned = watching('pruned', (epochs) => epochs < 2);
    expect(await (await made()).run(task, pruned.context)).toEqual({});
    expect(pruned.rungs.at(-1)?.[0]).toBe(2);
    expect(await readdir(pruned.context.folder)).toEqual(['checkpoints']);
  });

  it('fails where the point makes no network or no firmware', async () => {
    const problem = await made();
    const impossible = (point: Task['point']): Promise<unknown> =>
      problem.run({ ...task, point }, watching(`impossible-${Object.keys(point)[0]}`).context);
    await expect(impossible({ pool1: 16, pool2: 16 })).rejects.toThrow(PointError);
    await expect(impossible({ 'hls.strategy': 'resource', 'hls.reuseFactor': 7 })).rejects.toThrow(/reuseFactor/);
  });
});

describe('settings of a search over networks', () => {
  it.each([
    [{ space: { filter1: integer(1, 2) } }, '\'filter1\' is no parameter of a network, did you mean "filters1"?'],
    [{ space: { filters1: float(1, 2) } }, 'filters1 1.3183098861837907 is not a whole number from 1 to 256'],
    [{ space: { pooling: choice(['max', 'sum']) } }, 'pooling sum is not one of average, max'],
    [{ problem: { settings: { fixed: { filters1: 3 } } } }, "'filters1' is searched and fixed"],
    [{ problem: { settings: { fixed: { units1: 0 } } } }, 'problem.settings.fixed: units1 0 is not a whole number'],
    [{ problem: { settings: { epoch: 3 } } }, 'unknown setting \'epoch\', did you mean "epochs"?'],
    [{ problem: { settings: { epochs: 5 } } }, 'epochs 5, but maxEpochs 3 of the pruner'],
    [{ problem: { settings: { heldOut: 1 } } }, 'heldOut 1 is not a share between 0 and 1'],
    [{ problem: { settings: { data: 'mnist' } } }, 'data "mnist"; give \'digits\''],
    [{ problem: { settings: { workingPoint: { class: 10, falsePositiveRate: 0.1 } } } }, 'workingPoint.class 10, but'],
    [{ objectives: [{ metric: 'rtlLut', direction: 'min' }] }, "'rtlLut' is not measured; set rtl to true"],
    [{ constraints: [{ metric: 'luts', most: 3 }] }, "'luts' is not measured; what is: valAccuracy"],
    [
      { pruner: { kind: 'asha', minEpochs: 1, maxEpochs: 3, by: [{ metric: 'lut', direction: 'min' }] } },
      "the pruner compares 'lut', which is not known while training",
    ],
  ])('%j are refused', async (more, message) => {
    await expect(made(more as Partial<StudySettings>)).rejects.toThrow(message);
  });
});
