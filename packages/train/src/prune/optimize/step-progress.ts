import type { FitCallback } from '../../fit/callback.ts';
import type { OptimizationStep } from './optimization-run.ts';
import type { OptimizeProgress } from './optimize-options.ts';

/** Shows how an optimisation goes. */
export interface StepProgress {
  /** For one training; what it is for stands in front. */
  bar(title: string): readonly FitCallback[];
  /** A whole line. */
  line(text: string): void;
}

/** Shows nothing without a place to write to. */
export function stepProgress(options: OptimizeProgress | undefined): StepProgress {
  if (options === undefined) return { bar: () => [], line: () => {} };
  const { write, tty = false, columns = 100 } = options;
  let lastDraw = 0;
  return {
    line: (text) => write(`${tty ? '\r\u001b[2K' : ''}${text}\n`),
    bar: (title) =>
      !tty
        ? []
        : [
            {
              name: 'stepProgress',
              onlyLogs: true,
              keepsImages: true,
              onStepEnd(epoch, step, { loss, accuracy }, { epochs, stepsPerEpoch }) {
                if (performance.now() - lastDraw < 100) return;
                lastDraw = performance.now();
                const share = (epoch * stepsPerEpoch + step + 1) / (epochs * stepsPerEpoch);
                const numbers = `loss ${loss.toFixed(3)}  accuracy ${percent(accuracy)}`;
                const text = `${title}  epoch ${epoch + 1}/${epochs}  ${numbers}`;
                const room = Math.max(0, Math.min(24, columns - text.length - 4));
                const filled = Math.round(room * share);
                const bar = room < 6 ? '' : `${'█'.repeat(filled)}${'░'.repeat(room - filled)} `;
                write(`\r\u001b[2K${bar}${text.slice(0, columns - 1)}`);
              },
              onTrainEnd: () => write('\r\u001b[2K'),
            },
          ],
  };
}

/** One step in words. */
export function describeStep(
  { step, sparsity, metric, good, resources }: OptimizationStep,
  metricName: string,
  least: number,
  dimensions: readonly string[],
  before: readonly number[],
): string {
  const found = metric === null ? 'no number' : `${tidy(metric)} (${good ? 'good' : 'bad'}, limit ${tidy(least)})`;
  const left = dimensions.map((name, d) => `${name} ${resources[d]} of ${before[d]}`).join(', ');
  return `step ${step}: sparsity ${percent(sparsity)}, ${metricName} ${found}, ${left}`;
}

function tidy(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
