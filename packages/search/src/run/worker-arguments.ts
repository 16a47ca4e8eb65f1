/** A worker keeps to its core: threads that collect its garbage would take time from the other workers, more than they save. */
const ONE_CORE = '--single-threaded-gc';

/** Options of Node with a program as the next word. */
const PROGRAM = /^(-e|--eval|-p|-pe|--print)$/;

/**
 * Options of Node for worker processes: those of this process (`--import`, `--conditions`, …) but for a program on its command line, which the worker would run instead.
 *
 * @param own `process.execArgv`
 */
export function workerArguments(own: readonly string[]): readonly string[] {
  const inherited = own.filter(
    (word, j) => !PROGRAM.test(word) && !PROGRAM.test(own[j - 1] ?? '') && !/^--(input-type|eval|print)=/.test(word),
  );
  return [...inherited, ONE_CORE];
}
