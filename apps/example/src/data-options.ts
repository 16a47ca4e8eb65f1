import type { FileOptions } from '@sp/train';
import { UsageError } from './errors.ts';

interface DataOption {
  readonly value: string;
  readonly help: string;
  readonly default: string;
  /** Kinds of data that have it. */
  readonly of: readonly ('npz' | 'hdf5' | 'csv')[];
  /** What it says, from the text on the command line; undefined if that is wrong. */
  readonly read: (text: string) => FileOptions | undefined;
}

/** Options that say how the file of `--data` is to be read. */
export const dataOptions: Readonly<Record<string, DataOption>> = {
  channels: {
    value: 'first | last',
    help: 'which axis of the images holds the channels (npz, hdf5, csv)',
    default: 'last',
    of: ['npz', 'hdf5', 'csv'],
    read: (text) => (isEnd(text) ? { channels: text } : undefined),
  },
  images: {
    value: 'NAME',
    help: 'array that holds the images, with --labels; a fifth tests (npz, hdf5)',
    default: 'x or x_train, x_test',
    of: ['npz', 'hdf5'],
    read: (text) => (text === '' ? undefined : { images: text }),
  },
  labels: {
    value: 'NAME',
    help: 'array that holds the labels, with --images (npz, hdf5)',
    default: 'y or y_train, y_test',
    of: ['npz', 'hdf5'],
    read: (text) => (text === '' ? undefined : { labels: text }),
  },
  shape: {
    value: 'HxWxC',
    help: 'height, width and channels of the images, e.g. 28x28x1 (csv)',
    default: 'a square',
    of: ['csv'],
    read: shapeOf,
  },
  label: {
    value: 'first | last',
    help: 'where in a line the label stands (csv)',
    default: 'last',
    of: ['csv'],
    read: (text) => (isEnd(text) ? { label: text } : undefined),
  },
  separator: {
    value: 'TEXT',
    help: "what stands between the values: ',', ';', tab, space, or other text (csv)",
    default: "','",
    of: ['csv'],
    read: (text) => (text === '' ? undefined : { separator: separators[text] ?? text }),
  },
  'header-lines': {
    value: 'COUNT',
    help: 'lines to skip at the top (csv)',
    default: '1 if it holds names',
    of: ['csv'],
    read: (text) => (/^\d{1,9}$/.test(text) ? { headerLines: Number(text) } : undefined),
  },
};

const separators: Readonly<Record<string, string>> = { tab: '\t', '\\t': '\t', space: ' ' };

/**
 * What the options given say of the file.
 *
 * @throws UsageError for one that the kind of data does not have, and for values that are none.
 */
export function fileOptions(kind: string, given: ReadonlyMap<string, string>): FileOptions {
  let read: FileOptions = {};
  for (const [name, option] of Object.entries(dataOptions)) {
    const text = given.get(name);
    if (text === undefined) continue;
    if (!option.of.some((known) => known === kind)) {
      throw new UsageError(
        `--${name} ${text}: has no meaning for --data ${kind}, only for ${option.of.join(', ')}; leave it out`,
      );
    }
    const said = option.read(text);
    if (said === undefined) throw new UsageError(`--${name} ${text}: write --${name} ${option.value}`);
    read = { ...read, ...said };
  }
  const alone = (['images', 'labels'] as const).find((name) => name in read !== ('images' in read && 'labels' in read));
  if (alone !== undefined) {
    throw new UsageError(`--${alone}: give --images and --labels together, or none of them`);
  }
  return read;
}

function isEnd(text: string): text is 'first' | 'last' {
  return text === 'first' || text === 'last';
}

function shapeOf(text: string): FileOptions | undefined {
  const sizes = text.split(/[x×,]/).map((part) => (/^\s*[1-9]\d{0,5}\s*$/.test(part) ? Number(part) : Number.NaN));
  if (sizes.length < 2 || sizes.length > 3 || sizes.some(Number.isNaN)) return undefined;
  const [height, width, channels = 1] = sizes;
  return { shape: [height, width, channels] };
}
