import {
  fullEffort,
  type Goal,
  type PrunedNetwork,
  pruneNetwork,
  type StudyData,
  studyNetworks,
} from '../pruned-network.ts';
import { type BenchGroup, type Report, secondsOnce } from '../row.ts';

/** None of those that the settings were chosen with. */
const seeds = [21, 22, 23, 24, 25];
const goals: readonly Goal[] = ['DSP', 'EBOPs', 'adders'];

/** A network before and after, as numbers. */
type Cell = Pick<PrunedNetwork, 'before' | 'after'>;

/** Pruning for different hardware; documented in docs/guides/pruning.md. */
export const pruneStudy: BenchGroup = {
  name: 'prune-study',
  about:
    'what pruning saves within 1 % of the accuracy on held-out images: DSPs, EBOPs, adders; digits and jets, 5 seeds',
  onlyWhenNamed: true,
  run: async (report) => {
    for (const data of ['digits', 'jets'] satisfies StudyData[]) {
      const cells = new Map<Goal, Cell[]>(goals.map((goal) => [goal, []]));
      for (const seed of seeds) {
        const networks = await studyNetworks(data, seed, fullEffort[data]);
        for (const goal of goals) {
          const { result: pruned, seconds } = await secondsOnce(() =>
            pruneNetwork(networks, goal, seed, fullEffort[data]),
          );
          reportCell(report, `${data}, seed ${seed}: ${goal} saved`, pruned, { seed, seconds });
          cells.get(goal)?.push(pruned);
          pruned.model.dispose();
        }
      }
      for (const [goal, all] of cells) reportGoal(report, `${data}: ${goal} saved, mean of ${all.length} seeds`, all);
    }
    const { user, system } = process.cpuUsage();
    report({ name: 'CPU time of all of it', value: (user + system) / 60e6, unit: 'min' });
  },
};

function reportCell(
  report: Report,
  name: string,
  { before, after }: Cell,
  more: { readonly seed: number; readonly seconds: number },
): void {
  report({
    name,
    value: saved({ before, after }),
    unit: '%',
    note: `${before.need} to ${after.need}; held-out ${percent(before.heldOut)} to ${percent(after.heldOut)}, test ${percent(before.test)} to ${percent(after.test)}; ${more.seconds.toFixed(0)} s`,
    more: {
      ...more,
      needBefore: before.need,
      needAfter: after.need,
      heldOutBefore: before.heldOut,
      heldOutAfter: after.heldOut,
      testBefore: before.test,
      testAfter: after.test,
    },
  });
}

/** Means and worst cases over the seeds; accuracies change in points. */
function reportGoal(report: Report, name: string, cells: readonly Cell[]): void {
  const savings = cells.map(saved);
  const worst = Math.min(...savings);
  const of = (part: 'heldOut' | 'test') => {
    const changes = cells.map(({ before, after }) => 100 * (after[part] - before[part]));
    return {
      before: mean(cells.map(({ before }) => before[part])),
      change: mean(changes),
      worst: Math.min(...changes),
    };
  };
  const [heldOut, test] = [of('heldOut'), of('test')];
  const words = (one: typeof test): string =>
    `${percent(one.before)} ${points(one.change)}, worst ${points(one.worst)}`;
  report({
    name,
    value: mean(savings),
    unit: '%',
    note: `worst ${worst.toFixed(1)} %; held-out ${words(heldOut)}; test ${words(test)}`,
    more: {
      worst,
      heldOutBefore: heldOut.before,
      heldOutChange: heldOut.change,
      heldOutWorst: heldOut.worst,
      testBefore: test.before,
      testChange: test.change,
      testWorst: test.worst,
    },
  });
}

function saved({ before, after }: Cell): number {
  return 100 * (1 - after.need / before.need);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function points(change: number): string {
  return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)}`;
}
