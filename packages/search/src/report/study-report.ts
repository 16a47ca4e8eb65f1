import { type ReportRun, report } from '@sp/viz';
import type { ParallelAxis, ParallelRow } from '@sp/viz/internal';
import { SearchError } from '../errors.ts';
import { type Goals, goalNames, paretoTrials } from '../objectives/objectives.ts';
import type { WholeSettings } from '../study/settings.ts';
import type { Trial } from '../study/trial.ts';
import { importanceOf } from './importance.ts';

/** A study to be shown. */
export interface ShownStudy {
  readonly settings: WholeSettings;
  readonly trials: readonly Trial[];
}

/**
 * A study as one HTML page that needs nothing else: every objective to be made large against every one to be made small, parallel coordinates, what matters, slices, and a table of the
 * trials that no other beats.
 *
 * @throws SearchError when no trial has finished
 */
export async function studyReport(study: ShownStudy, name: string): Promise<string> {
  return report(studyRun(study, name));
}

/** What `studyReport` shows, as plain data. */
export function studyRun({ settings, trials }: ShownStudy, name: string): ReportRun {
  const finished = trials.filter(({ state }) => state === 'finished');
  if (finished.length === 0) throw new SearchError(`'${name}': no trial has finished yet, so there is nothing to show`);
  const { space, objectives, constraints } = settings;
  const front = paretoTrials(trials, settings);
  const best = new Set(front.map(({ number }) => number));
  const goals = goalNames({ objectives, constraints });
  const shown = finished.map(
    ({ number, point, metrics }): ParallelRow => ({ values: { ...metrics, ...point }, chosen: best.has(number) }),
  );
  const exists = ({ name: parameter }: ParallelAxis): boolean =>
    shown.some(({ values }) => values[parameter] !== undefined);
  const parameters = Object.entries(space)
    .map(
      ([parameter, dimension]): ParallelAxis => ({
        name: parameter,
        scale: dimension.kind !== 'choice' && dimension.scale === 'log' ? 'log' : 'linear',
      }),
    )
    .filter(exists);
  const gains = objectives.filter(({ direction }) => direction === 'max').map(({ metric }) => metric);
  const costs = objectives.filter(({ direction }) => direction === 'min').map(({ metric }) => metric);
  const fronts = gains.flatMap((score) =>
    costs.map((cost) => ({
      cost,
      score,
      points: finished.map(({ number, metrics }) => ({
        cost: metrics[cost],
        score: metrics[score],
        ...(best.has(number) && { label: `${number}` }),
      })),
    })),
  );
  const count = (state: Trial['state']): number => trials.filter((trial) => trial.state === state).length;
  return {
    name,
    description: `A search for ${objectives.map(({ metric, direction }) => `${metric} (${direction})`).join(', ')}${
      constraints.length === 0 ? '' : ` within ${constraints.map(limits).join(', ')}`
    }; coloured: the trials that no other beats.`,
    facts: [
      { label: 'trials', value: trials.length },
      { label: 'finished', value: count('finished') },
      { label: 'given up at a rung', value: count('pruned') },
      { label: 'failed', value: count('failed') },
      { label: 'beaten by none', value: front.length },
    ],
    search: {
      trials: shown,
      parameters,
      metrics: goals.map((metric) => ({ name: metric })),
      importance: Object.fromEntries(
        objectives.map((objective) => [objective.metric, importanceOf(trials, space, objective)]),
      ),
      fronts,
    },
    tables: [
      {
        title: 'Trials that no other beats',
        columns: ['trial', ...goals, ...parameters.map((axis) => axis.name)],
        rows: front.map(({ number, metrics, point }) => [
          number,
          ...goals.map((metric) => rounded(metrics[metric])),
          ...parameters.map((axis) => {
            const value = point[axis.name];
            return value === undefined ? null : typeof value === 'number' ? rounded(value) : String(value);
          }),
        ]),
      },
    ],
  };
}

function limits({ metric, most, least }: Goals['constraints'][number]): string {
  return [least === undefined ? '' : `${metric} ≥ ${least}`, most === undefined ? '' : `${metric} ≤ ${most}`]
    .filter((part) => part !== '')
    .join(', ');
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
