import type { RetrainedNetwork } from '../network/retrain.ts';
import { type Goals, goalNames } from '../objectives/objectives.ts';
import type { Trial } from '../study/trial.ts';

/** A number in few digits. */
export function short(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** One line on what came of a trial. */
export function trialLine({ number, state, metrics, rungs, reason, seconds }: Trial, goals: Goals): string {
  const took = `${seconds.toFixed(1)} s`;
  if (state === 'failed') return `trial ${number}: failed: ${reason ?? 'no reason given'}`;
  if (state === 'pruned') return `trial ${number}: given up after ${rungs.at(-1)?.epochs} epochs (${took})`;
  return `trial ${number}: ${goalNames(goals)
    .map((metric) => `${metric} ${short(metrics[metric])}`)
    .join(', ')} (${took})`;
}

/** Trials as a table: their goals and their points. */
export function trialTable(trials: readonly Trial[], goals: Goals): string {
  const metrics = goalNames(goals);
  const rows = trials.map(({ number, metrics: measured, point }) => [
    String(number),
    ...metrics.map((metric) => short(measured[metric])),
    Object.entries(point)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? short(value) : value}`)
      .join(', '),
  ]);
  return table([['trial', ...metrics, 'parameters'], ...rows]);
}

/** Retrained trials as a table: mean ± standard deviation over their seeds. */
export function retrainTable(networks: readonly RetrainedNetwork[]): string {
  const columns = ['valAccuracy', 'testAccuracy', 'lut', 'latency', 'ebops', 'n'];
  const rows = networks.map(({ trial, runs, spread, best }) => [
    String(trial),
    String(runs.length),
    ...columns.map((name) =>
      spread[name] === undefined ? '' : `${short(spread[name].mean)} ± ${short(spread[name].deviation)}`,
    ),
    best?.firmware === undefined
      ? ''
      : `seed ${best.seed}: test ${short(best.firmware.testAccuracy)}, ${best.firmware.modelMismatches} + ${best.firmware.firmwareMismatches ?? 'no compiler,'} mismatches`,
  ]);
  return table([['trial', 'seeds', ...columns, 'firmware'], ...rows]);
}

function table(all: readonly (readonly string[])[]): string {
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map((row) =>
      row.map((cell, column) => (column < row.length - 1 ? cell.padStart(widths[column]) : cell)).join('  '),
    )
    .join('\n');
}
