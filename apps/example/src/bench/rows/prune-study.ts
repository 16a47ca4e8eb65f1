import { fullEffort, type Goal, pruneNetwork, type StudyData, studyNetworks } from '../pruned-network.ts';
import { type BenchGroup, secondsOnce } from '../row.ts';

const seeds = [1, 2, 3, 4, 5];
const goals: readonly Goal[] = ['DSP', 'EBOPs', 'adders'];

/** Pruning for different hardware; documented in docs/guides/pruning.md. */
export const pruneStudy: BenchGroup = {
  name: 'prune-study',
  about:
    'what pruning saves within 1 % of the accuracy on held-out images: DSPs, EBOPs, adders; digits and jets, 5 seeds',
  onlyWhenNamed: true,
  run: async (report) => {
    for (const data of ['digits', 'jets'] satisfies StudyData[]) {
      for (const seed of seeds) {
        const networks = await studyNetworks(data, seed, fullEffort);
        for (const goal of goals) {
          const { result: pruned, seconds } = await secondsOnce(() => pruneNetwork(networks, goal, seed, fullEffort));
          const { before, after, model } = pruned;
          report({
            name: `${data}, seed ${seed}: ${goal} saved`,
            value: 100 * (1 - after.need / before.need),
            unit: '%',
            note: `${before.need} to ${after.need}; held-out ${percent(before.heldOut)} to ${percent(after.heldOut)}, test ${percent(before.test)} to ${percent(after.test)}; ${seconds.toFixed(0)} s`,
            more: {
              seed,
              seconds,
              needBefore: before.need,
              needAfter: after.need,
              heldOutBefore: before.heldOut,
              heldOutAfter: after.heldOut,
              testBefore: before.test,
              testAfter: after.test,
            },
          });
          model.dispose();
        }
      }
    }
  },
};

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
