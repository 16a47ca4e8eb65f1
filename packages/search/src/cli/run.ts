import { type Program, runProgram, type Terminal } from '@sp/quant/cli';
import { FileError } from '@sp/quant/files';
import { OptionError } from '@sp/train/tune';
import { SearchError } from '../errors.ts';
import { COMMANDS } from './commands.ts';
import { OPTIONS, type OptionName } from './options.ts';

/** The command line program `sp-search`. Exit codes: 0 done, 1 stopped before the end or numbers that differ, 2 bad arguments, settings or files. */
export const PROGRAM: Program<OptionName> = {
  name: 'sp-search',
  commands: COMMANDS,
  options: OPTIONS,
  flags: ['json'],
  intro: [
    'sp-search: the best sparse, quantised network under a latency and area budget, on one machine or many.',
    '',
    'Usage: sp-search COMMAND … [options]; a study is a folder, and everything that can be killed can be begun again',
  ],
  end: [
    'From nothing to networks',
    '  sp-search example > study.json          settings to edit: space, objectives, constraints, sampler, pruner',
    '  sp-search parameters                    what of a network can be searched',
    '  sp-search run study.json runs/digits    on all cores; kill it, start it again, start it twice',
    '  sp-search run study.json runs/digits --redis redis://HOST:6379   trials on other machines, on each of which runs',
    '  sp-search worker --redis redis://HOST:6379',
    '  sp-search status runs/digits            how far it is, and what no other trial beats',
    '  sp-search report runs/digits            report.html: fronts, parallel coordinates, what matters, slices',
    '  sp-search retrain runs/digits chosen --pick 3,12   from five seeds, as verified firmware',
    '',
    'Exit codes: 0 done, 1 stopped before the end or numbers that differ, 2 bad arguments, settings or files.',
  ],
  exitCode: (error) =>
    error instanceof SearchError || error instanceof OptionError || error instanceof FileError ? 2 : undefined,
};

/**
 * Runs the command line program `sp-search` and returns its exit code.
 *
 * @param argv arguments without program and script
 */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return runProgram(PROGRAM, argv, terminal);
}
