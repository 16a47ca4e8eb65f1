/**
 * Foreign programs, kept on a lead: compilers and compiled networks run in a process group of their own, for a limited
 * time, with limited output, and end with their caller. A program that starts others and ends before them takes them along.
 * Only one that leaves its group (`setsid`) gets away; what it holds open is closed here.
 */
import type { ChildProcess } from 'node:child_process';
import { CompileError, ConfigError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';

/** How long and how loud a program may be that this package starts. */
export interface ProcessLimits {
  /** Milliseconds after which a program is killed; may be Infinity. Default an hour (of a compiler's `--version`: a minute). */
  readonly timeLimit?: number;
  /** Bytes of messages after which a program is killed; may be Infinity. Default 16 MiB. */
  readonly outputLimit?: number;
  /** Kills the programs when it is aborted; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How a program ended that could be started and was not stopped. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs. */
export interface Child {
  readonly process: ChildProcess;
  /** Settles when the program and its group are gone. @throws the reason it was stopped for, or CompileError */
  readonly ended: Promise<Ending>;
  /** Kills the program with its group; `ended` rejects with `reason`. Only the first reason counts. */
  stop(reason: unknown): void;
  /** Counts bytes of messages, and stops the program when there are too many. */
  heard(bytes: number): void;
}

/** Default of `timeLimit` in milliseconds: the largest networks compile in minutes. */
const HOUR = 3_600_000;
/** Default of `outputLimit` in bytes. */
const LOUD = 1 << 24;
/** What setTimeout can wait for. */
const LONGEST = 2 ** 31 - 1;
/** How long to wait for a killed program, in milliseconds: the system may be unable to end it. */
const PATIENCE = 5000;

/** @throws ConfigError for limits that are none. */
export function requireLimits({ timeLimit, outputLimit }: ProcessLimits): void {
  for (const [name, value] of Object.entries({ timeLimit, outputLimit })) {
    if (value === undefined || value > 0) continue;
    throw new ConfigError(`${name} = ${value}: give a number above 0, or Infinity`);
  }
}

/**
 * Starts a program with its standard streams as pipes; without `input`, its standard input is empty.
 *
 * @throws the reason of an aborted signal; CompileError when the program cannot be started at once (`ended` rejects when
 * this shows later)
 */
export function startChild(
  program: string,
  args: readonly string[],
  limits: ProcessLimits,
  {
    cwd,
    input = false,
    environment,
  }: {
    readonly cwd?: string;
    readonly input?: boolean;
    /** Variables besides those of this process. */
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Child {
  const { spawn } = nodeModules().childProcess;
  const { timeLimit = HOUR, outputLimit = LOUD, signal } = limits;
  requireLimits(limits);
  signal?.throwIfAborted();
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      ...(environment === undefined ? {} : { env: { ...process.env, ...environment } }),
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: hasGroups(),
    });
  } catch (cause) {
    throw cannotStart(program, cause);
  }
  let stopped: { readonly reason: unknown } | undefined;
  let sound = 0;
  let giveUp: () => void = () => {};
  const stop = (reason: unknown): void => {
    if (stopped !== undefined) return;
    stopped = { reason };
    killGroup(child);
    // Others may hold the other ends: not a byte more is read or written.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    giveUp();
  };
  const ended = new Promise<Ending>((done, fail) => {
    const timer =
      timeLimit < LONGEST
        ? setTimeout(
            () =>
              stop(
                new CompileError(
                  `${program} ran longer than the limit of ${seconds(timeLimit)}; raise timeLimit if it needs more`,
                  '',
                  'time',
                ),
              ),
            timeLimit,
          )
        : undefined;
    const aborted = (): void => stop(signal?.reason);
    signal?.addEventListener('abort', aborted, { once: true });
    let last: ReturnType<typeof setTimeout> | undefined;
    const settle = (result: () => void): void => {
      clearTimeout(timer);
      clearTimeout(last);
      signal?.removeEventListener('abort', aborted);
      release(child);
      result();
    };
    const reject = (): void => settle(() => fail(stopped?.reason));
    giveUp = () => {
      last = setTimeout(reject, PATIENCE);
    };
    child.on('error', (cause) => {
      stopped ??= { reason: cannotStart(program, cause) };
      if (child.pid === undefined) reject();
    });
    child.on('exit', () => {
      killGroup(child);
      child.stdin?.destroy();
    });
    child.on('close', (code, reason) => {
      if (stopped !== undefined) reject();
      else settle(() => done({ code, signal: reason }));
    });
    // A program that dies early closes its end; how it ended says more than the broken pipe.
    child.stdin?.on('error', () => {});
    child.stdout?.on('error', () => {});
    child.stderr?.on('error', () => {});
  });
  // Whoever awaits it may do so later, after having written the input.
  ended.catch(() => {});
  hold(child);
  return {
    process: child,
    ended,
    stop,
    heard(bytes) {
      sound += bytes;
      if (sound <= outputLimit) return;
      stop(
        new CompileError(
          `${program} printed more than ${outputLimit} bytes of messages; raise outputLimit if it must`,
          '',
          'output',
        ),
      );
    },
  };
}

/** Runs a program to its end and returns what it printed on both streams. @throws as `startChild` and `Child.ended` */
export async function runChild(
  program: string,
  args: readonly string[],
  limits: ProcessLimits,
  options: { readonly cwd?: string } = {},
): Promise<Ending & { readonly output: string }> {
  const child = startChild(program, args, limits, options);
  const pieces: Buffer[] = [];
  for (const stream of [child.process.stdout, child.process.stderr]) {
    stream?.on('data', (piece: Buffer) => {
      pieces.push(piece);
      child.heard(piece.length);
    });
  }
  const ending = await child.ended;
  return { ...ending, output: Buffer.concat(pieces).toString() };
}

/** How a program ended, in words: for messages. */
export function endingText({ code, signal }: Ending): string {
  // A shell tells of a signal by 128 + its number.
  const killed = signal === 'SIGKILL' || code === 137;
  const text = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
  return killed ? `${text} (out of memory?)` : text;
}

/** Milliseconds as text. */
export function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`;
}

function cannotStart(program: string, cause: unknown): CompileError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why: Partial<Record<string, string>> = {
    ENOENT: 'there is no such program',
    ENOTDIR: 'there is no such program',
    EACCES: 'it is no executable file, or its place allows none',
    ENOEXEC: 'it is no program of this machine',
    EAGAIN: 'the system has too many processes',
    ENOMEM: 'there is not enough memory',
    EMFILE: 'too many files are open',
    E2BIG: 'its arguments are too long',
  };
  return new CompileError(
    `${program} cannot be started: ${why[code ?? ''] ?? message} (${code ?? 'no code'})`,
    '',
    'start',
    { cause },
  );
}

const hasGroups = (): boolean => process.platform !== 'win32';

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(hasGroups() ? -pid : pid, 'SIGKILL');
  } catch {
    // All of it has ended already.
  }
}

/** A group of its own hears no Ctrl-C: while programs run, what ends this process ends them first. */
const running = new Set<ChildProcess>();
const fatal = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function hold(child: ChildProcess): void {
  running.add(child);
  if (running.size > 1) return;
  process.on('exit', killAll);
  for (const name of fatal) process.on(name, passOn);
}

function release(child: ChildProcess): void {
  if (!running.delete(child) || running.size > 0) return;
  process.off('exit', killAll);
  for (const name of fatal) process.off(name, passOn);
}

function killAll(): void {
  for (const child of running) killGroup(child);
}

function passOn(name: NodeJS.Signals): void {
  killAll();
  // With no other listener, the signal means what it always means.
  if (process.listenerCount(name) > 1) return;
  process.off(name, passOn);
  process.kill(process.pid, name);
}
