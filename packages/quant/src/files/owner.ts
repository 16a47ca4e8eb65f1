import { nodeModules } from './node-modules.ts';

/**
 * Who works on a temporary file or folder, as a part of its name: `<pid>-<start>-<boot>-<place>-<thread>-<number>`. Another process sees from it
 * whether that work still goes on.
 */
export type Owner = string;

/** What is known of an owner: at work, gone for ever, or not to be found out from here. */
export type OwnerState = 'alive' | 'dead' | 'unknown';

const PATTERN = /^(\d+)-([0-9a-z]+)-([0-9a-z]+)-([0-9a-z]+)-(\d+)-([0-9a-f]+)$/;

/** After this time an owner that cannot be asked is taken for dead. */
const PATIENCE_MS = 24 * 3600 * 1000;

/** Owners of this thread that are at work; one set per thread, however often this module is loaded. */
const registry = Symbol.for('@sp/quant/files owners');

function active(): Set<Owner> {
  const place = globalThis as { [registry]?: Set<Owner> };
  place[registry] ??= new Set();
  return place[registry];
}

/** A new owner: this process. `retireOwner` ends it. */
export async function newOwner(): Promise<Owner> {
  const { pid } = process;
  const parts = [pid, (await startOf(pid)) ?? '0', await boot(), await place(), threadId()];
  const owner = [...parts, nodeModules().crypto.randomBytes(4).toString('hex')].join('-');
  active().add(owner);
  return owner;
}

/** Says that an owner's work is done or given up. */
export function retireOwner(owner: Owner): void {
  active().delete(owner);
}

/** In the place of its process's start: an owner that has given up while its process lives on. */
const ENDED = 'ended';

/** The name of an owner that has ended, whoever asks. */
export function endedOwner(owner: Owner): Owner {
  const [pid, , ...rest] = owner.split('-');
  return [pid, ENDED, ...rest].join('-');
}

/** Whether a text is an owner. */
export function isOwner(text: string): boolean {
  return PATTERN.test(text);
}

/** The process of an owner, for messages. */
export function processOf(owner: Owner): string {
  return owner.split('-')[0];
}

/**
 * Whether an owner is still at work. Owners on other machines, or in other containers, cannot be asked; a day after `since` they count as dead.
 *
 * @param since when the owner began, in milliseconds since 1970
 */
export async function stateOf(owner: Owner, since: number): Promise<OwnerState> {
  const [, pid, start, itsBoot, itsPlace, thread] = PATTERN.exec(owner) ?? [];
  if (pid === undefined) return 'unknown';
  if (start === ENDED) return 'dead';
  if (itsPlace !== (await place())) return Date.now() - since > PATIENCE_MS ? 'dead' : 'unknown';
  if (itsBoot !== (await boot())) return 'dead';
  if (Number(pid) === process.pid && start === ((await startOf(process.pid)) ?? '0')) {
    return Number(thread) !== threadId() || active().has(owner) ? 'alive' : 'dead';
  }
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  // Where the system tells when processes began, one that has ended since it was asked tells nothing any more.
  return start === '0' || start === (await startOf(Number(pid))) ? 'alive' : 'dead';
}

function threadId(): number {
  return process.getBuiltinModule('node:worker_threads').threadId;
}

/** When a process began, in ticks since the machine did; undefined where the system does not say, or when it has ended (a zombie too). */
async function startOf(pid: number): Promise<string | undefined> {
  const { fs } = nodeModules();
  const text = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in brackets, which may hold blanks and brackets itself.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields?.[0] === 'Z' || fields?.[0] === 'X') return ENDED;
  return fields?.[19];
}

async function boot(): Promise<string> {
  const text = await nodeModules()
    .fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    .catch(() => '0');
  return text.slice(0, 8).trim();
}

/** Process numbers mean something within one machine and one of its namespaces. */
async function place(): Promise<string> {
  const { fs, os, crypto } = nodeModules();
  const namespace = await fs.readlink('/proc/self/ns/pid').catch(() => '');
  return crypto.createHash('sha256').update(`${os.hostname()} ${namespace}`).digest('hex').slice(0, 8);
}
