import { parseArgs } from 'node:util';
import { GraphError } from '@sp/quant';
import { CompileError, ConfigError, FirmwareError, NoCompilerError } from '../errors.ts';
import { didYouMean } from '../plan/suggest.ts';
import { COMMANDS, type Command, type Options } from './commands.ts';
import { UsageError } from './errors.ts';
import { joinValues } from './join-values.ts';

/** Where the program writes; one call is one line or one piece of text. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

const OPTIONS: Readonly<Record<keyof Options, string>> = {
  config: 'FILE  options as JSON: { "model": { … }, "layerType": { … }, "layerName": { … } }',
  images: 'FILE  data: numbers as JSON, text or .npy; of several inputs JSON by name, or .npz',
  labels: 'FILE  places of the right classes, to count them',
  random: 'N     made-up data: N images, the same every time',
  out: 'FILE  where results go',
  granularity: 'G     model, type or name',
  latency: 'N    most cycles from image to result',
  interval: 'N   most cycles between two images',
  lut: 'N     most LUTs',
  ff: 'N     most flip-flops',
  dsp: 'N     most DSPs',
  bram: 'N     most blocks of 18 kbit',
  cxx: 'CMD   C++17 compiler (default: environment variable CXX, g++, clang++)',
};

/**
 * Runs the command line program `sp-hls` and returns its exit code: 0 done, 1 mismatches or a failure, 2 bad arguments or files, 3 no C++ compiler.
 *
 * @param argv arguments without program and script
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const parsed = parse(argv);
    if ('help' in parsed) {
      terminal.out(parsed.help);
      return argv.length === 0 ? 2 : 0;
    }
    return await parsed.command.run(parsed.args, parsed.options, terminal.out);
  } catch (error) {
    const code = exitCode(error);
    if (code === undefined) throw error;
    terminal.error(`sp-hls: ${(error as Error).message}`);
    return code;
  }
}

function exitCode(error: unknown): number | undefined {
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof GraphError) return 2;
  if (error instanceof FirmwareError) return 2;
  if (error instanceof NoCompilerError) return 3;
  return error instanceof CompileError ? 1 : undefined;
}

function parse(argv: readonly string[]): { help: string } | { command: Command; args: string[]; options: Options } {
  const known = Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, { type: 'string' as const }]));
  let parsed: { values: Record<string, string | boolean | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: joinValues(argv),
      options: { ...known, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (cause) {
    const missing = withoutValue(cause as NodeJS.ErrnoException);
    if (missing !== undefined) throw new UsageError(missing, { cause });
    const [, wrong] = /'--?([^' ]+)/.exec((cause as Error).message) ?? [];
    const hint = wrong === undefined ? '' : didYouMean(wrong, Object.keys(OPTIONS));
    throw new UsageError(`${(cause as Error).message.split('.')[0]}${hint}; see sp-hls --help`, { cause });
  }
  const { help, ...options } = parsed.values;
  const [name, ...args] = parsed.positionals;
  if (name === undefined) return { help: helpText() };
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new UsageError(
      `unknown command "${name}"${didYouMean(name, Object.keys(COMMANDS))} (commands: ${Object.keys(COMMANDS).join(', ')})`,
    );
  }
  const command = COMMANDS[name];
  if (help === true) return { help: commandHelp(command) };
  const [least, most] = command.arguments;
  if (args.length < least) throw new UsageError(`sp-hls ${command.usage}: an argument is missing`);
  if (args.length > most) throw new UsageError(`sp-hls ${command.usage}: "${args[most]}" is one argument too many`);
  for (const option of Object.keys(options)) {
    if (!command.options.includes(option as keyof Options)) {
      throw new UsageError(
        `${name} has no option --${option} (it has: ${command.options.map((o) => `--${o}`).join(', ') || 'none'})`,
      );
    }
  }
  return { command, args, options: options as Options };
}

/** What to say of an option whose value is missing or looks like an option. */
function withoutValue({ code, message }: NodeJS.ErrnoException): string | undefined {
  const name = Object.keys(OPTIONS).find((option) => message.startsWith(`Option '--${option}`));
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' || name === undefined) return undefined;
  const [value] = OPTIONS[name as keyof Options].split(' ');
  return `--${name}: its value is missing; write --${name} ${value}, or --${name}=${value} if it begins with a dash`;
}

function helpText(): string {
  const rows = Object.values(COMMANDS).map(({ usage, help }) => [usage, help]);
  const width = Math.max(...rows.map(([usage]) => usage.length));
  return [
    'sp-hls: from a fixed graph to C++ for Vitis and Vivado HLS, checked with any C++17 compiler.',
    '',
    'Usage: sp-hls COMMAND … [options]; GRAPH is the .json file of a saved graph (its .bin lies beside it), DIR a project’s folder',
    '',
    ...rows.map(([usage, help]) => `  ${usage.padEnd(width)}  ${help}`),
    '',
    'Options',
    ...(Object.keys(OPTIONS) as (keyof Options)[]).map(optionLine),
    '  --help        this, or after a command its own help',
    '',
    'From a graph to checked firmware',
    '  sp-hls config network.json > config.json              the defaults, to edit; legal values: sp-hls factors network.json',
    '  sp-hls estimate network.json --config config.json     what they cost, in a second',
    '  sp-hls check network.json --config config.json        what the synthesis tools would refuse',
    '  sp-hls export network.json firmware --config config.json --random 20',
    '  sp-hls compare network.json firmware --random 1000    every code of every node; the goal is 0 mismatches',
    '  cd firmware && vitis_hls -f build_prj.tcl             on a machine that has it; then: sp-hls estimate ../network.json .',
    '',
    'Exit codes: 0 done, 1 mismatches or a failure, 2 bad arguments or files, 3 no C++ compiler.',
  ].join('\n');
}

function commandHelp({ usage, help, options }: Command): string {
  const lines = [`Usage: sp-hls ${usage}${options.length > 0 ? ' [options]' : ''}`, '', help];
  if (options.length > 0) lines.push('', 'Options', ...options.map(optionLine));
  return lines.join('\n');
}

function optionLine(name: keyof Options): string {
  return `  --${name.padEnd(11)} ${OPTIONS[name]}`;
}
