import { cac } from 'cac';
import { BadFileError } from './bad-file-error.ts';
import { COMMANDS } from './commands/index.ts';

/** Where the program writes; one call is one piece of text. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** Exit codes, the same for all command lines of the repository. */
const OK = 0;
const OUT_OF_TOLERANCE = 1;
const BAD_FILE = 2;

/**
 * Runs the program and returns its exit code: 0 when everything asked is within tolerance, 1 when something is not (the worst offender is named),
 * 2 for a bad file or bad arguments.
 *
 * @param argv as `process.argv`
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const program = cac('sp-conformance');
  let result: Promise<number> | undefined;
  for (const command of COMMANDS) {
    const typed = program
      .command(command.usage, command.description)
      .option('--json', 'print one JSON object as the last line');
    for (const [flags, description] of command.options ?? []) typed.option(flags, description);
    typed.action((...args: unknown[]) => {
      const files = args.slice(0, -1) as string[];
      const options = args.at(-1) as Readonly<Record<string, unknown>>;
      const { json } = options;
      result = command.run(files, options).then(({ ok, table, report }) => {
        terminal.out(table);
        if (json === true) terminal.out(JSON.stringify(report));
        return ok ? OK : OUT_OF_TOLERANCE;
      });
    });
  }
  program.help();
  try {
    const { options } = program.parse([...argv], { run: false });
    if (options['help'] === true) return OK;
    if (program.matchedCommand === undefined) {
      const names = COMMANDS.map(({ usage }) => usage.split(' ')[0]).join(', ');
      terminal.error(`unknown command ${JSON.stringify(argv[2] ?? '')}; use one of ${names}, or --help`);
      return BAD_FILE;
    }
    program.runMatchedCommand();
    return (await result) ?? OK;
  } catch (error) {
    // cac's own complaints are about the arguments.
    if (error instanceof BadFileError || (error instanceof Error && error.name === 'CACError')) {
      terminal.error(`sp-conformance: ${error.message}`);
      return BAD_FILE;
    }
    throw error;
  }
}
