import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SearchError } from '../errors.ts';
import type { WholeSettings } from '../study/settings.ts';
import type { MakeProblem, Problem } from './problem.ts';

/**
 * The problem that settings name, ready to run.
 *
 * @throws SearchError when its module cannot be loaded or exports no problem; and what the problem throws of its settings
 */
export async function loadProblem(settings: WholeSettings): Promise<Problem> {
  const { module, settings: own = null } = settings.problem;
  const make = await loadMake(module);
  const problem = await make(own, settings.space);
  if (typeof problem?.run !== 'function') {
    throw new SearchError(`the problem '${module}' has no method run; export default (settings) => ({ run })`);
  }
  problem.check?.(settings);
  return problem;
}

async function loadMake(module: string | undefined): Promise<MakeProblem> {
  if (module === undefined) return (await import('../network/network-problem.ts')).networkProblem;
  let found: { readonly default?: unknown };
  try {
    found = (await import(specifierOf(module))) as typeof found;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SearchError(`the problem '${module}' cannot be loaded: ${why}`, { cause });
  }
  if (typeof found.default !== 'function') {
    throw new SearchError(`the problem '${module}' has no default export that makes one`);
  }
  return found.default as MakeProblem;
}

/** Paths are seen from where the program was started. */
function specifierOf(module: string): string {
  const isPath = isAbsolute(module) || /^\.{1,2}[\\/]/.test(module);
  return isPath ? pathToFileURL(resolve(module)).href : module;
}
