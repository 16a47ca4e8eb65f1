import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import type { FitCallback } from './callback.ts';
import { forFit } from './for-fit.ts';
import type { Logs } from './logs.ts';

/** Where progress goes, and how. */
export interface ProgressOptions {
  /** Writes text as it is; usually `(text) => process.stderr.write(text)`. */
  readonly write: (text: string) => void;
  /** A terminal: one line that is rewritten. Otherwise some whole lines. Default false. */
  readonly tty?: boolean;
  /** Width of the terminal in characters. Default 100. */
  readonly columns?: number;
  /** Without a terminal: about so many lines in total. Default 12. */
  readonly lines?: number;
  /** What to tell of the numbers. Default: loss, accuracies, n, threshold and EBOPs, as far as known. */
  readonly describe?: (logs: Readonly<Logs>) => string;
}

/**
 * Shows how a training goes: a bar on a terminal, some lines in a log. Put it last, so that it sees what other callbacks add.
 *
 * @throws OptionError for unknown options, and without `write`.
 */
export function progress(options: ProgressOptions): FitCallback {
  checkOptionNames(options, ['write', 'tty', 'columns', 'lines', 'describe'], 'progress');
  const { write, tty = false, columns = 100, lines = 12, describe = describeLogs } = options;
  if (typeof write !== 'function') {
    throw new OptionError('progress: write is no function; give e.g. write: (text) => process.stderr.write(text)');
  }
  let start = 0;
  /** Epoch with which this process began, when a training goes on; undefined before. */
  let first: number | undefined;
  let lastDraw = 0;
  let lastLogs: Logs = {};
  const line = (done: number, total: number, epochs: number, logs: Readonly<Logs>): string => {
    const seconds = (performance.now() - start) / 1000;
    const here = done - ((first ?? 0) * total) / epochs;
    const left = here > 0 ? (seconds * (total - done)) / here : 0;
    const epoch = Math.min(epochs, Math.floor((done / total) * epochs + 1e-9));
    const head = `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
    const times = `${seconds.toFixed(0)} s, ${left.toFixed(0)} s left`;
    return `${head}  ${describe(logs)}  ${times}`;
  };
  return forFit({
    name: 'progress',
    keepsImages: true,
    onlyLogs: true,
    onTrainBegin({ engine }) {
      if (engine.startsWith('tfjs: ')) write(`trained with tfjs, not on lists: ${engine.slice('tfjs: '.length)}\n`);
      start = performance.now();
      first = undefined;
      lastLogs = {};
    },
    onEpochBegin(epoch, { epochs }) {
      if (first === undefined && epoch > 0) write(`going on with epoch ${epoch + 1}/${epochs}\n`);
      first ??= epoch;
    },
    onStepEnd(epoch, step, logs, { epochs, stepsPerEpoch }) {
      if (!tty || performance.now() - lastDraw < 100) return;
      lastDraw = performance.now();
      const done = epoch * stepsPerEpoch + step + 1;
      const total = epochs * stepsPerEpoch;
      const text = line(done, total, epochs, { ...lastLogs, ...logs });
      const room = Math.max(0, Math.min(24, columns - text.length - 4));
      const filled = Math.round((room * done) / total);
      const bar = room < 6 ? '' : `${'█'.repeat(filled)}${'░'.repeat(room - filled)} `;
      write(`\r\u001b[2K${bar}${text.slice(0, columns - 1)}`);
    },
    onEpochEnd(epoch, logs, { epochs }) {
      lastLogs = { ...logs };
      if (tty) return;
      const every = Math.max(1, Math.round(epochs / lines));
      if ((epoch + 1) % every === 0 || epoch === 0 || epoch === epochs - 1)
        write(`${line(epoch + 1, epochs, epochs, logs)}\n`);
    },
    onTrainEnd() {
      if (tty) write('\r\u001b[2K');
    },
  });
}

function describeLogs(logs: Readonly<Logs>): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const parts = [
    logs.loss === undefined ? undefined : `loss ${logs.loss.toFixed(3)}`,
    logs.accuracy === undefined ? undefined : `accuracy ${percent(logs.accuracy)}`,
    logs.valAccuracy === undefined ? undefined : `validation ${percent(logs.valAccuracy)}`,
    logs.n === undefined ? undefined : `n ${logs.n}`,
    logs.threshold === undefined ? undefined : `threshold ${logs.threshold.toFixed(3)}`,
    logs.ebops === undefined ? undefined : `EBOPs ${Math.round(logs.ebops).toLocaleString('en-US')}`,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}
