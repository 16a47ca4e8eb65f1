import type { FitContext } from '../fit/callback.ts';
import type { Logs } from '../fit/logs.ts';
import { OptionError } from '../option-error.ts';

/** Whether less or more of a number is better. */
export type Direction = 'min' | 'max';

/**
 * Parts of names of numbers of which more is better, and of which less is: Keras' metrics and those of this package. A part counts wherever it
 * stands; a word only as a whole: of `valMyAcc_2` the words are my and acc, in front of which `val` says nothing.
 */
const known: Readonly<Record<Direction, { readonly parts: readonly string[]; readonly words: readonly string[] }>> = {
  max: {
    parts: [
      'accuracy',
      'precision',
      'recall',
      'sensitivity',
      'specificity',
      'similarity',
      'truepositive',
      'truenegative',
      'meaniou',
    ],
    words: [
      'acc',
      'auc',
      'auroc',
      'roc',
      'prc',
      'f1',
      'f2',
      'fbeta',
      'iou',
      'dice',
      'r2',
      'tp',
      'tn',
      'mcc',
      'kappa',
      'efficiency',
      'purity',
    ],
  },
  min: {
    parts: [
      'loss',
      'error',
      'entropy',
      'hinge',
      'divergence',
      'falsepositive',
      'falsenegative',
      'ebops',
      'bops',
      'logcosh',
      'perplexity',
    ],
    words: [
      ...[
        'mae',
        'mse',
        'rmse',
        'mape',
        'msle',
        'kld',
        'kl',
        'nll',
        'bce',
        'cce',
        'poisson',
        'fp',
        'fn',
        'fpr',
        'fnr',
        'n',
        'bits',
      ],
      ...[
        'seconds',
        'time',
        'latency',
        'cycles',
        'luts',
        'lut',
        'ffs',
        'ff',
        'dsps',
        'dsp',
        'brams',
        'bram',
        'params',
        'cost',
      ],
    ],
  },
};

/** The direction of a number with this name; undefined: the name does not tell, or tells both. */
export function directionOf(name: string): Direction | undefined {
  const words = wordsOf(name);
  const joined = words.join('');
  const tells = (['min', 'max'] as const).filter((direction) => {
    const { parts, words: whole } = known[direction];
    return parts.some((part) => joined.includes(part)) || words.some((word) => whole.includes(word));
  });
  return tells.length === 1 ? tells[0] : undefined;
}

/** `valF1Score` → f1, score. */
function wordsOf(name: string): readonly string[] {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words[0] === 'val' ? words.slice(1) : words;
}

/** A number that a callback watches. */
export interface Watched {
  /** Its name; 'a function of the logs' has none. */
  readonly name: string;
  readonly direction: Direction;
  /** What the user should know: the direction, where it was read off the name. */
  readonly note: string | undefined;
  /** @throws OptionError if the logs do not hold it. */
  value(logs: Readonly<Logs>): number;
  /** Whether `a` is better than `b` by more than `minDelta`. */
  isBetter(a: number, b: number, minDelta?: number): boolean;
}

/**
 * A watched number with its direction: as given, else as its name says (Keras' rule: accuracy, AUC, … up, losses and errors down; and EBOPs, n and
 * other costs down).
 *
 * @param where callback named in errors and notes
 * @param quiet leave out the note: nothing was asked for
 * @param remedy what says the direction
 * @throws OptionError for an unknown direction, and without one for a function or a name that does not tell.
 */
export function watched(
  where: string,
  monitor: string | ((logs: Readonly<Logs>) => number),
  mode: Direction | undefined,
  quiet = false,
  remedy = "mode: 'max' or mode: 'min'",
): Watched {
  if (mode !== undefined && mode !== 'min' && mode !== 'max') {
    throw new OptionError(`${where}: mode '${String(mode)}' is neither 'min' nor 'max'`);
  }
  const name = typeof monitor === 'string' ? monitor : 'a function of the logs';
  const direction = mode ?? (typeof monitor === 'string' ? directionOf(monitor) : undefined);
  if (direction === undefined) {
    const which = typeof monitor === 'string' ? `'${monitor}'` : 'what a function gives';
    throw new OptionError(`${where}: whether more or less of ${which} is better is not known; say ${remedy}`);
  }
  const more = direction === 'max' ? 'more' : 'less';
  return {
    name,
    direction,
    note: mode !== undefined || quiet ? undefined : `${where}: ${more} ${name} is better (mode: '${direction}')`,
    value(logs) {
      const value = typeof monitor === 'string' ? logs[monitor] : monitor(logs);
      if (typeof value === 'number' && !Number.isNaN(value)) return value;
      throw new OptionError(
        `${where}: the logs hold no number '${name}'; they hold ${Object.keys(logs).join(', ')}. Put the callback that adds it first.`,
      );
    },
    isBetter: (a, b, minDelta = 0) => (direction === 'min' ? a < b - minDelta : a > b + minDelta),
  };
}

/** Says the notes of what a callback watches where `fit` says things. */
export function sayNotes({ say = console.warn }: Pick<FitContext, 'say'>, watchedNumbers: readonly Watched[]): void {
  for (const { note } of watchedNumbers) if (note !== undefined) say(note);
}
