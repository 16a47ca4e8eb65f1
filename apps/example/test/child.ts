import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built command line. */
export const program: string = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

const stopper = new URL('stop-at.mjs', import.meta.url).href;

/** How a program has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** What to do with the program while it runs. */
export interface Stop {
  /** Text on standard error after which the signal comes. */
  readonly at: string;
  readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL';
}

/** Runs the program in `folder` and waits for its end. */
export function runProgram(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  stop?: Stop,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const [node, env] =
      stop === undefined ? [[], {}] : [['--import', stopper], { SP_STOP_AT: stop.at, SP_STOP_BY: stop.signal }];
    const child: ChildProcess = spawn(process.execPath, [...node, program, ...words], {
      cwd: folder,
      env: { ...process.env, ...environment, ...env },
    });
    let [out, err] = ['', ''];
    child.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}
