import { setBackend } from '@sp/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Goal, pruneNetwork, type StudyEffort, studyNetworks } from './pruned-network.ts';

/** What the study does, with little of everything. */
const effort: StudyEffort = { epochs: 4, stepEpochs: 2, steps: 1, rate: 1e-2, images: 300 };

describe('pruneNetwork', () => {
  beforeAll(() => setBackend('auto'));

  it('saves what each goal is about, in the firmware too, on the fused engine', async () => {
    const networks = await studyNetworks('jets', 1, effort);
    for (const goal of ['DSP', 'EBOPs', 'adders'] satisfies Goal[]) {
      const { result, before, after, model } = await pruneNetwork(networks, goal, 1, effort);
      expect(result.steps.every(({ engine }) => engine === 'fused')).toBe(true);
      expect([goal, result.best === null]).toEqual([goal, false]);
      expect(after.heldOut).toBeGreaterThanOrEqual(0.99 * before.heldOut);
      expect(after.heldOut).toBe(result.metric);
      expect(after.need).toBeLessThan(before.need * (goal === 'adders' ? 0.95 : 0.75));
      model.dispose();
    }
  });
});
