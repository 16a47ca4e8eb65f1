import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/** What happens to the calls of some work that change files or folders; they are counted from 0. */
export type Fault =
  /** All calls go through. */
  | { readonly kind: 'none' }
  /** The process ends just before call `at`, or, when `torn`, in the middle of it. */
  | { readonly kind: 'stop'; readonly at: number; readonly torn: boolean }
  /** Call `at` is refused; when `lasting`, all later ones that need room too, as on a full disk. */
  | { readonly kind: 'refuse'; readonly at: number; readonly code: string; readonly lasting: boolean };

/** How work has ended that met a fault. */
export interface Outcome {
  readonly end: 'done' | 'stopped' | 'failed';
  /** What it failed with. */
  readonly error?: unknown;
  /** Changing calls that it came to. */
  readonly calls: number;
}

interface Run {
  readonly fault: Fault;
  calls: number;
  stopped: boolean;
  stop: () => void;
  readonly running: Set<Promise<unknown>>;
  /** Closes the files that are open. */
  readonly closes: Set<() => Promise<void>>;
}

type Call = (...args: never[]) => Promise<unknown>;

/** Calls that change something, and whether they need room on the disk. */
const CHANGES: Readonly<Record<string, boolean>> = {
  appendFile: true,
  chmod: false,
  copyFile: true,
  cp: true,
  link: true,
  mkdir: true,
  mkdtemp: true,
  rename: false,
  rm: false,
  rmdir: false,
  symlink: true,
  truncate: false,
  unlink: false,
  utimes: false,
  writeFile: true,
};
const READS = ['access', 'lstat', 'opendir', 'readdir', 'readFile', 'readlink', 'realpath', 'stat', 'statfs'];

const runs = new AsyncLocalStorage<Run>();
const never = new Promise<never>(() => {});
const real = { ...fs };
let installed = false;

/** Puts itself between all modules and Node's `fs/promises`; who does no `faulty` work sees no difference. */
function install(): void {
  if (installed) return;
  installed = true;
  const patched = fs as unknown as Record<string, Call>;
  for (const [name, roomy] of Object.entries(CHANGES)) {
    const call = patched[name];
    patched[name] = (...args: never[]) =>
      change(
        () => call(...args),
        // A folder that is there needs none.
        () => roomy && !(name === 'mkdir' && existsSync(args[0])),
        () => torn(name, args),
      );
  }
  for (const name of READS) {
    const call = patched[name];
    patched[name] = (...args: never[]) => through(() => call(...args));
  }
  const { open } = real;
  patched['open'] = ((path: string, flags: string | undefined, mode: number | undefined) => {
    const run = runs.getStore();
    const opened = async () => {
      const handle = await open(path, flags, mode);
      if (run !== undefined) watchHandle(handle, run);
      return handle;
    };
    return flags === undefined || flags === 'r'
      ? through(opened)
      : change(
          opened,
          () => true,
          async () => {},
        );
  }) as unknown as Call;
  syncBuiltinESMExports();
}

function watchHandle(handle: FileHandle, run: Run): void {
  const close = handle.close.bind(handle);
  run.closes.add(close);
  const methods = handle as unknown as Record<string, Call>;
  for (const name of ['write', 'writeFile', 'appendFile'] as const) {
    const call = methods[name].bind(handle);
    methods[name] = (...args: never[]) =>
      change(
        () => call(...args),
        () => true,
        () => call(...([half((args as unknown[])[0])] as never[])),
      );
  }
  handle.close = () => {
    if (!run.stopped) run.closes.delete(close);
    return through(close) as Promise<void>;
  };
  // Ends of processes are played here, not power failures: what is written is there.
  handle.sync = () => through(async () => {}) as Promise<void>;
  for (const name of ['read', 'readFile', 'stat'] as const) {
    const call = methods[name].bind(handle);
    methods[name] = (...args: never[]) => through(() => call(...args));
  }
}

/** What a call leaves that is stopped in the middle: nothing where it is one step. */
async function torn(name: string, [path, content]: readonly unknown[]): Promise<unknown> {
  if (name === 'writeFile' || name === 'appendFile') return real.writeFile(String(path), half(content));
  if (name === 'rm') return removeOne(String(path));
  return undefined;
}

function half(content: unknown): string | Uint8Array {
  if (typeof content === 'string') return content.slice(0, content.length >> 1);
  if (content instanceof Uint8Array) return content.slice(0, content.length >> 1);
  return '';
}

/** The first file or empty folder below a folder. */
async function removeOne(path: string): Promise<void> {
  const entry = await real.lstat(path).catch(() => undefined);
  if (!entry?.isDirectory()) return;
  const [first] = (await real.readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (first === undefined) return;
  const below = join(path, first.name);
  if (!first.isDirectory()) await real.unlink(below);
  else if ((await real.readdir(below)).length === 0) await real.rmdir(below);
  else await removeOne(below);
}

/** A process that has ended calls nothing any more. */
function through(call: () => Promise<unknown>): Promise<unknown> {
  const run = runs.getStore();
  if (run === undefined) return call();
  return run.stopped ? never : tracked(run, call());
}

function change(call: () => Promise<unknown>, roomy: () => boolean, part: () => Promise<unknown>): Promise<unknown> {
  const run = runs.getStore();
  if (run === undefined) return call();
  if (run.stopped) return never;
  const { fault } = run;
  const index = run.calls++;
  if (fault.kind === 'stop' && index >= fault.at) {
    run.stopped = true;
    if (fault.torn) void tracked(run, part());
    run.stop();
    return never;
  }
  const struck = fault.kind === 'refuse' && (fault.lasting ? index >= fault.at && roomy() : index === fault.at);
  if (struck) {
    return Promise.reject(
      Object.assign(new Error(`${fault.code}: by a stub`), { code: fault.code, syscall: 'write', errno: -1 }),
    );
  }
  return tracked(run, call());
}

/** What is under way when a process ends is done before anyone looks; its result reaches nobody. */
async function tracked<Result>(run: Run, call: Promise<Result>): Promise<Result> {
  run.running.add(call);
  try {
    return await call;
  } finally {
    run.running.delete(call);
    if (run.stopped) await never;
  }
}

/** Does work whose file-system calls meet a fault. After a stop nothing of it goes on, and its owners are dead, as those of a killed process. */
export async function faulty(fault: Fault, work: () => Promise<unknown>): Promise<Outcome> {
  install();
  let stop = (): void => {};
  const stopped = new Promise<'stopped'>((done) => {
    stop = () => done('stopped');
  });
  const run: Run = { fault, calls: 0, stopped: false, stop, running: new Set(), closes: new Set() };
  const worked = runs
    .run(run, async () => work())
    .then(
      () => ({ end: 'done' }) as const,
      (error: unknown) => ({ end: 'failed', error }) as const,
    );
  const first = await Promise.race([worked, stopped]);
  if (first !== 'stopped') return { ...first, calls: run.calls };
  await Promise.allSettled(run.running);
  for (const close of run.closes) await close().catch(() => {});
  forgetOwners();
  return { end: 'stopped', calls: run.calls };
}

/** Does work without a fault, without waiting for the disk. */
export async function calmly<Result>(work: () => Promise<Result>): Promise<Result> {
  let result: Result | undefined;
  const { error } = await faulty({ kind: 'none' }, async () => {
    result = await work();
  });
  if (error !== undefined) throw error;
  return result as Result;
}

/** `@sp/quant/files` keeps the owners that are at work in this thread here. */
function forgetOwners(): void {
  const owners = (globalThis as Record<symbol, unknown>)[Symbol.for('@sp/quant/files owners')];
  if (owners instanceof Set) owners.clear();
}
