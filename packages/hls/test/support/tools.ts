import { execFileSync } from 'node:child_process';

/** Whether a program can be started here; tests that need it are skipped with this as a reason elsewhere. */
export function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args.length > 0 ? args : ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
