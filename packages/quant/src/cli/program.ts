import { parseArgs } from 'node:util';
import { didYouMean } from '../suggest.ts';
import { allowEarlyReader } from './early-reader.ts';
import { joinValues } from './join-values.ts';
import { UsageError } from './usage-error.ts';

/** Where a program writes; one call is one line or one piece of text. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Shows how far a command is, over what was shown before; present where someone sees it. */
  readonly progress?: (text: string) => void;
}

/** Values of a program's options, as typed. */
export type OptionValues<Name extends string> = Readonly<Partial<Record<Name, string>>>;

/** One command of a program. */
export interface Command<Name extends string> {
  /** Arguments as they are typed. */
  readonly usage: string;
  readonly help: string;
  /** Fewest and most arguments. */
  readonly arguments: readonly [least: number, most: number];
  /** Options it understands. */
  readonly options: readonly Name[];
  /** @returns the exit code */
  run(args: readonly string[], options: OptionValues<Name>, terminal: Terminal): Promise<number>;
}

/** A program of several commands: what it is called, and what its help says. */
export interface Program<Name extends string> {
  readonly name: string;
  readonly commands: Readonly<Record<string, Command<Name>>>;
  /** Help on each option: its value in capitals, then what it is. */
  readonly options: Readonly<Record<Name, string>>;
  /** Options without a value; typed, they are `'true'`. Default none. */
  readonly flags?: readonly Name[];
  /** First lines of the help, before the commands, and last ones, after the options. */
  readonly intro: readonly string[];
  readonly end: readonly string[];
  /** Exit code of an error; undefined for one that is a defect of the program. */
  exitCode(error: unknown): number | undefined;
}

/**
 * Runs a program and returns its exit code: what the command says, what `exitCode` says of its error, or 2 for bad arguments.
 *
 * @param argv arguments without interpreter and script
 */
export async function runProgram<Name extends string>(
  program: Program<Name>,
  argv: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    const parsed = parse(program, argv);
    if ('help' in parsed) {
      terminal.out(parsed.help);
      return argv.length === 0 ? 2 : 0;
    }
    return await parsed.command.run(parsed.args, parsed.options, terminal);
  } catch (error) {
    const code = error instanceof UsageError ? 2 : program.exitCode(error);
    if (code === undefined) throw error;
    terminal.error(`${program.name}: ${(error as Error).message}`);
    return code;
  }
}

/** Runs a program as this process: its arguments, its streams, its exit code. */
export async function main<Name extends string>(program: Program<Name>): Promise<void> {
  const { stdout, stderr, argv } = process;
  allowEarlyReader(stderr, () => process.exit(1));
  allowEarlyReader(stdout, (error) => {
    stderr.write(`${program.name}: output cannot be written: ${error.message}\n`);
    process.exit(1);
  });
  process.exitCode = await runProgram(program, argv.slice(2), {
    out: (text) => stdout.write(`${text}\n`),
    error: (text) => stderr.write(`${text}\n`),
    ...(stderr.isTTY ? { progress: (text) => stderr.write(`\r\x1b[K${text}`) } : {}),
  });
}

function parse<Name extends string>(
  program: Program<Name>,
  argv: readonly string[],
): { help: string } | { command: Command<Name>; args: string[]; options: OptionValues<Name> } {
  const { name: self, commands, flags = [] } = program;
  const names = Object.keys(program.options) as Name[];
  let parsed: { values: Record<string, string | boolean | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: joinValues(argv),
      options: {
        ...Object.fromEntries(
          names.map((name) => [name, { type: flags.includes(name) ? ('boolean' as const) : ('string' as const) }]),
        ),
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
  } catch (cause) {
    const missing = withoutValue(program, cause as NodeJS.ErrnoException);
    if (missing !== undefined) throw new UsageError(missing, { cause });
    const [, wrong] = /'--?([^' ]+)/.exec((cause as Error).message) ?? [];
    const hint = wrong === undefined ? '' : didYouMean(wrong, names);
    throw new UsageError(`${(cause as Error).message.split('.')[0]}${hint}; see ${self} --help`, { cause });
  }
  const { help, ...values } = parsed.values;
  const options = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  const [name, ...args] = parsed.positionals;
  if (name === undefined) return { help: helpText(program) };
  if (!Object.hasOwn(commands, name)) {
    throw new UsageError(
      `unknown command "${name}"${didYouMean(name, Object.keys(commands))} (commands: ${Object.keys(commands).join(', ')})`,
    );
  }
  const command = commands[name];
  if (help === true) return { help: commandHelp(program, command) };
  const [least, most] = command.arguments;
  if (args.length < least) throw new UsageError(`${self} ${command.usage}: an argument is missing`);
  if (args.length > most) throw new UsageError(`${self} ${command.usage}: "${args[most]}" is one argument too many`);
  for (const option of Object.keys(options)) {
    if (!command.options.includes(option as Name)) {
      throw new UsageError(
        `${name} has no option --${option} (it has: ${command.options.map((o) => `--${o}`).join(', ') || 'none'})`,
      );
    }
  }
  return { command, args, options: options as OptionValues<Name> };
}

/** What to say of an option whose value is missing or looks like an option. */
function withoutValue<Name extends string>(
  { options }: Program<Name>,
  { code, message }: NodeJS.ErrnoException,
): string | undefined {
  const name = (Object.keys(options) as Name[]).find((option) => message.startsWith(`Option '--${option}`));
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' || name === undefined) return undefined;
  const [value] = options[name].split(' ');
  return `--${name}: its value is missing; write --${name} ${value}, or --${name}=${value} if it begins with a dash`;
}

function helpText<Name extends string>({ commands, options, intro, end }: Program<Name>): string {
  const rows = Object.values(commands).map(({ usage, help }) => [usage, help]);
  const width = Math.max(...rows.map(([usage]) => usage.length));
  return [
    ...intro,
    '',
    ...rows.map(([usage, help]) => `  ${usage.padEnd(width)}  ${help}`),
    '',
    'Options',
    ...(Object.keys(options) as Name[]).map((name) => optionLine(options, name)),
    '  --help        this, or after a command its own help',
    '',
    ...end,
  ].join('\n');
}

function commandHelp<Name extends string>(program: Program<Name>, { usage, help, options }: Command<Name>): string {
  const lines = [`Usage: ${program.name} ${usage}${options.length > 0 ? ' [options]' : ''}`, '', help];
  if (options.length > 0) lines.push('', 'Options', ...options.map((name) => optionLine(program.options, name)));
  return lines.join('\n');
}

function optionLine<Name extends string>(options: Readonly<Record<Name, string>>, name: Name): string {
  return `  --${name.padEnd(11)} ${options[name]}`;
}
