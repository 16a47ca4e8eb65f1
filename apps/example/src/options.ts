import { parseArgs } from 'node:util';
import { pathOf } from '@sp/quant/files';
import { suggest } from '@sp/quant/suggest';
import type { FileOptions } from '@sp/train';
import { commandLine } from './command-line.ts';
import { dataOptions, fileOptions } from './data-options.ts';
import { UsageError } from './errors.ts';

/** Where images come from. */
export type DataSource =
  | { readonly kind: 'digits' | 'tracks' }
  | { readonly kind: 'mnist-idx'; readonly path: string }
  | ({ readonly kind: 'npz' | 'hdf5' | 'csv'; readonly path: string } & FileOptions);

/** What can compute a training: `fit` explains them. */
export const engines = ['auto', 'fused', 'tfjs'] as const;

/** One of `engines`. */
export type Engine = (typeof engines)[number];

/** What `sp-example` is asked to do. */
export interface Options {
  readonly command: 'all' | 'train' | 'export';
  readonly data: DataSource;
  readonly epochs: number;
  readonly seed: number;
  readonly out: string;
  /** Most pixels of an image that enter the network. */
  readonly n: number;
  /** Initial threshold, in units of the pixels. */
  readonly threshold: number;
  readonly reuseFactor: number;
  /** Slots computed at once; undefined: all. */
  readonly parallelizationFactor: number | undefined;
  /** Clocks between two images of pipelined Verilog; undefined: none is written. */
  readonly rtl: number | undefined;
  /** What computes the training. */
  readonly engine: Engine;
  /** Go on with the interrupted training of `out`; every other option is the one it was started with. */
  readonly resume: boolean;
}

/** A request for text instead of work. */
export interface HelpRequest {
  readonly command: 'help';
}

interface OptionText {
  /** As shown in the help. */
  readonly value: string;
  readonly help: string;
  readonly default: string;
}

/** The options with their defaults; `help.ts` prints this table. */
export const optionTexts: Readonly<Record<string, OptionText>> = {
  data: {
    value: 'digits | tracks | KIND PATH',
    help: 'images to train and test with: built-in ones, mnist-idx DIR, or npz, hdf5 or csv FILE',
    default: 'digits',
  },
  ...dataOptions,
  epochs: { value: 'COUNT', help: 'passes over the training images', default: '60, tracks 20' },
  seed: { value: 'NUMBER', help: 'decides initial weights and order of images', default: '1' },
  out: {
    value: 'DIR',
    help: 'folder of the run; replaced as a whole when the run has ended',
    default: 'runs/digits, runs/tracks',
  },
  n: {
    value: 'COUNT',
    help: 'most pixels of an image that enter the network; where training starts',
    default: '24, tracks 48',
  },
  threshold: {
    value: 'NUMBER',
    help: 'pixels above it are active; where training starts',
    default: '0.45, tracks 0.2',
  },
  engine: {
    value: 'auto | fused | tfjs',
    help: 'what trains; fused: lists of active pixels, auto: that where possible',
    default: 'auto',
  },
  'reuse-factor': {
    value: 'COUNT',
    help: 'uses of each multiplier in the dense layers (fewer DSPs, more cycles)',
    default: '1',
  },
  'parallelization-factor': {
    value: 'COUNT',
    help: 'pixels the sparse layers compute at once; n becomes a multiple of it',
    default: 'all n',
  },
};

/** Clocks between two images that `--rtl` asks for without a value. */
const usualInterval = 5;

/** Kinds of data that a file or folder holds. */
const fileKinds = ['mnist-idx', 'npz', 'hdf5', 'csv'] as const;

const commands = ['all', 'train', 'export'] as const;

/** Options that the other command would have to ignore. */
const onlyFor: Readonly<Record<'train' | 'export', readonly string[]>> = {
  train: ['data', ...Object.keys(dataOptions), 'epochs', 'seed', 'n', 'threshold', 'engine'],
  export: ['reuse-factor', 'rtl'],
};

/**
 * Reads the command line.
 *
 * @throws UsageError naming the option, the value and the remedy.
 */
export function readOptions(argv: readonly string[]): Options | HelpRequest {
  const { tokens, positionals } = parseArgs({
    args: joinRtlArgument(joinDataArgument(argv)),
    options: {
      help: { type: 'boolean', short: 'h' },
      resume: { type: 'boolean' },
      rtl: { type: 'boolean' },
      ...Object.fromEntries(Object.keys(optionTexts).map((name) => [name, { type: 'string' as const }])),
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string>();
  let resume = false;
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.name === 'h') return { command: 'help' };
    if (token.name === 'resume') {
      if (token.value !== undefined) {
        throw new UsageError(`--resume=${token.value}: takes no value; write --resume --out DIR`);
      }
      resume = true;
      continue;
    }
    if (token.name === 'rtl') {
      if (given.has('rtl')) throw new UsageError('--rtl: given twice; give it once');
      given.set('rtl', token.value ?? String(usualInterval));
      continue;
    }
    if (!Object.hasOwn(optionTexts, token.name)) {
      const known = [...Object.keys(optionTexts), 'resume', 'rtl'];
      throw new UsageError(
        `${token.rawName}: unknown option${suggestion(token.name, known, '--')}; see ${commandLine(['--help'])}`,
      );
    }
    if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
      const text = optionTexts[token.name];
      throw new UsageError(`${token.rawName}: its value is missing; write ${token.rawName} ${text.value}`);
    }
    if (given.has(token.name)) throw new UsageError(`${token.rawName}: given twice; give it once`);
    given.set(token.name, token.value);
  }
  const [command = 'all', ...more] = positionals;
  if (command === 'help') return { command: 'help' };
  if (!isCommand(command)) {
    throw new UsageError(
      `'${command}': unknown command${suggestion(command, commands, '')}; use ${commands.join(', ')}`,
    );
  }
  for (const [name, value] of given) {
    const only = Object.entries(onlyFor).find(([, names]) => names.includes(name))?.[0];
    if (only === undefined || command === 'all' || command === only) continue;
    throw new UsageError(
      `--${name} ${value}: has no meaning for '${command}', only for '${only}' and 'all'; leave it out`,
    );
  }
  if (resume) refuseWithResume(command, given);
  if (more.length > 0)
    throw new UsageError(`'${more[0]}': one word too many after '${command}'; see ${commandLine(['--help'])}`);
  const data = readData(given);
  const { epochs, n, threshold, out } = defaultsOf(data);
  return {
    command,
    data,
    epochs: wholeNumber('epochs', given.get('epochs'), epochs, 1, 100_000),
    seed: wholeNumber('seed', given.get('seed'), 1, 0, 2 ** 31 - 1),
    out: readOut(given.get('out') ?? out),
    n: wholeNumber('n', given.get('n'), n, 1, 4096),
    threshold: number('threshold', given.get('threshold'), threshold),
    reuseFactor: wholeNumber('reuse-factor', given.get('reuse-factor'), 1, 1, 2 ** 20),
    parallelizationFactor: given.has('parallelization-factor')
      ? wholeNumber('parallelization-factor', given.get('parallelization-factor'), 1, 1, 4096)
      : undefined,
    rtl: given.has('rtl') ? wholeNumber('rtl', given.get('rtl'), usualInterval, 1, 64) : undefined,
    engine: readEngine(given.get('engine') ?? 'auto'),
    resume,
  };
}

/** What training starts from where the command line does not say. */
function defaultsOf({ kind }: DataSource): Pick<Options, 'epochs' | 'n' | 'threshold' | 'out'> {
  return kind === 'tracks'
    ? { epochs: 20, n: 48, threshold: 0.2, out: 'runs/tracks' }
    : { epochs: 60, n: 24, threshold: 0.45, out: 'runs/digits' };
}

/** An option that the interrupted training has settled must not be ignored. */
function refuseWithResume(command: Options['command'], given: ReadonlyMap<string, string>): void {
  if (command === 'export') {
    throw new UsageError("--resume: has no meaning for 'export', only for 'train' and 'all'; leave it out");
  }
  for (const [name, value] of given) {
    if (name === 'out') continue;
    throw new UsageError(`--${name} ${value}: an interrupted training goes on with its own options; leave it out`);
  }
}

/** `--rtl` may have a number behind it, which would count as a command. */
function joinRtlArgument(argv: readonly string[]): string[] {
  return argv.flatMap((word, at) => {
    if (argv[at - 1] === '--rtl' && /^\d/.test(word)) return [];
    return word === '--rtl' && /^\d/.test(argv[at + 1] ?? '') ? [`--rtl=${argv[at + 1]}`] : [word];
  });
}

/** `--data npz FILE` is two words; they are joined so that the parser sees one value. */
function joinDataArgument(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at];
    const kind =
      word === '--data' ? argv[at + 1] : word.startsWith('--data=') ? word.slice('--data='.length) : undefined;
    if (kind === undefined || !fileKinds.some((known) => known === kind)) {
      joined.push(word);
      continue;
    }
    if (word === '--data') at++;
    const path = argv[at + 1];
    if (path === undefined || path.startsWith('--')) {
      throw new UsageError(
        `--data ${kind}: the ${kind === 'mnist-idx' ? 'folder' : 'file'} is missing; write --data ${kind} ${kind === 'mnist-idx' ? 'DIR' : 'FILE'}`,
      );
    }
    at++;
    joined.push(`--data=${kind}:${path}`);
  }
  return joined;
}

function readData(given: ReadonlyMap<string, string>): DataSource {
  const value = given.get('data') ?? 'digits';
  if (value === 'digits' || value === 'tracks') {
    fileOptions(value, given);
    return { kind: value };
  }
  for (const kind of fileKinds) {
    if (value.startsWith(`${kind}:`) && value.length > kind.length + 1)
      return { kind, path: dataPath(kind, value.slice(kind.length + 1)), ...fileOptions(kind, given) };
  }
  throw new UsageError(
    `--data ${value}: unknown kind of data; write --data digits, --data tracks, --data mnist-idx DIR, --data npz FILE, --data hdf5 FILE or --data csv FILE`,
  );
}

function dataPath(kind: string, place: string): string {
  try {
    return pathOf(place);
  } catch (cause) {
    throw new UsageError(`--data ${kind}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function readEngine(value: string): Engine {
  const known = engines.find((name) => name === value);
  if (known !== undefined) return known;
  throw new UsageError(`--engine ${value}: no such engine${suggestion(value, engines, '')}; use ${engines.join(', ')}`);
}

function readOut(value: string): string {
  if (value.trim() === '') throw new UsageError("--out '': an empty name; name a folder");
  return value;
}

function wholeNumber(name: string, text: string | undefined, fallback: number, least: number, most: number): number {
  if (text === undefined) return fallback;
  const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(
      `--${name} ${text}: not a whole number from ${least} to ${most}; give one, e.g. --${name} ${fallback}`,
    );
  }
  return value;
}

function number(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(Number.isFinite(value) && value >= 0)) {
    throw new UsageError(`--${name} ${text}: not a number ≥ 0; give one, e.g. --${name} ${fallback}`);
  }
  return value;
}

function isCommand(word: string): word is Options['command'] {
  return (commands as readonly string[]).includes(word);
}

/** `; did you mean --epochs?` when a known word is near. */
function suggestion(word: string, known: readonly string[], prefix: string): string {
  const nearest = suggest(word, known);
  return nearest === undefined ? '' : `; did you mean ${prefix}${nearest}?`;
}
