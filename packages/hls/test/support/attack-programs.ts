/**
 * Hostile compilers and compiled programs: what each makes of `compile` and `predict`. Shell scripts, no compiler needed.
 * Nothing may wait beyond its limit, fail without a sentence, be taken as a result, or stay behind.
 */
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graphBuilder } from '@sp/quant';
import { generator } from '@sp/test-graphs';
import { readProject } from '../../src/emit/read-project.ts';
import {
  type CompiledProject,
  CompileError,
  compile,
  emit,
  NoCompilerError,
  plan,
  predict,
  write,
} from '../../src/index.ts';

/** What one hostile program came to. */
export interface AttackedProgram {
  readonly kind: string;
  /** The message of the error, or `accepted`. */
  readonly outcome: string;
  /** Whether the error is one of the package, or the reason of an abort. */
  readonly typed: boolean;
  readonly milliseconds: number;
  /** Processes that were still there afterwards. */
  readonly orphans: number;
  /** Whether the message says what it has to. */
  readonly expected: boolean;
}

/** Limit of the programs that never end, in milliseconds: whatever the load, they meet it. */
const LIMIT = 400;

interface Attack {
  readonly kind: string;
  readonly expect: RegExp;
  run(): Promise<unknown>;
}

/** Runs all kinds, one after the other. `seed` decides the junk they print and when calls are aborted. */
export async function attackPrograms({ seed }: { readonly seed: number }): Promise<AttackedProgram[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sp-attack-'));
  try {
    const rows: AttackedProgram[] = [];
    for (const attack of await attacks(folder, seed)) rows.push(await attacked(attack, folder));
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function attacked({ kind, expect, run }: Attack, folder: string): Promise<AttackedProgram> {
  const pids = join(folder, 'pids');
  await writeFile(pids, '');
  const start = performance.now();
  const error = await run().then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  const milliseconds = performance.now() - start;
  const outcome = error?.message ?? 'accepted';
  return {
    kind,
    outcome,
    typed: error instanceof CompileError || error instanceof NoCompilerError || error?.name === 'AbortError',
    milliseconds,
    orphans: await survivors(readFileSync(pids, 'utf8').split('\n').filter(Boolean).map(Number)),
    expected: expect.test(outcome),
  };
}

async function attacks(folder: string, seed: number): Promise<Attack[]> {
  const random = generator(seed);
  const whole = (below: number): number => random.integer(0, below - 1);
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => whole(256));
  const dir = join(folder, 'project');
  const g = graphBuilder('small');
  const images = 3 + whole(5);
  const width = 3 + whole(4);
  const x = g.input('x', { shape: [3], format: { k: 0, i: 0, f: width } });
  await write(emit(plan(g.build([g.relu('y', x)]))), dir);
  const description = await readProject(dir);
  const answer = new Uint8Array(8 + images * 8);
  answer.set(new TextEncoder().encode('SPR1'));
  new DataView(answer.buffer).setUint32(4, images, true);
  const changed = (at: number, byte: number): Uint8Array => answer.map((old, j) => (j === at ? byte : old));

  let count = 0;
  const script = async (lines: string): Promise<string> => {
    const path = join(folder, `script-${count++}`);
    await writeFile(path, `#!/bin/sh\necho $$ >> '${folder}/pids'\n${lines}\n`);
    await chmod(path, 0o755);
    return path;
  };
  const answering = async (data: Uint8Array, after = ''): Promise<string> => {
    const path = join(folder, `answer-${count++}`);
    await writeFile(path, data);
    return script(`cat > /dev/null; cat '${path}'; ${after}`);
  };
  const child = `( trap '' TERM INT HUP; exec sleep 1000000 ) & echo $! >> '${folder}/pids'`;
  const versionOnly = 'if [ "$*" = --version ]; then echo cc 1; exit 0; fi\nwhile [ "$1" != -o ]; do shift; done';

  const found: Attack[] = [];
  const compiler = async (kind: string, lines: string, expect: RegExp, limits: object = {}): Promise<void> => {
    const cxx = await script(lines);
    found.push({ kind: `compiler: ${kind}`, expect, run: () => compile(dir, { cxx, ...limits }) });
  };
  const program = async (kind: string, executable: string, expect: RegExp, limits: object = {}): Promise<void> => {
    const project: CompiledProject = { dir, description, executable, network: 0, compiler: 'none', cached: false };
    const run = (): Promise<unknown> => predict(project, new Float64Array(images * 3), limits);
    found.push({ kind: `program: ${kind}`, expect, run });
  };
  const quick = { timeLimit: LIMIT };
  const late = /longer than the limit/;

  await compiler('--version hangs', `trap '' TERM; ${child}; while :; do sleep 1; done`, late, quick);
  await compiler('--version closes its output and hangs', 'exec >&- 2>&-; sleep 1000000', late, quick);
  await compiler('--version never stops printing', 'exec yes', /more than 100000 bytes/, { outputLimit: 1e5 });
  await compiler('--version fails', 'exit 3', /no C\+\+ compiler: .*--version ended with 3/);
  await compiler('hangs, deaf to signals', `${versionOnly}\ntrap '' TERM INT HUP; ${child}; wait`, late, quick);
  await compiler('waits for input', `${versionOnly}\ncat; exit 1`, /ended with 1 and printed nothing/);
  await compiler('ends, its child does not', `${versionOnly}\n${child}; exit 4`, /ended with 4/);
  await compiler('never stops printing', `${versionOnly}\nyes`, /more than 100000 bytes/, { outputLimit: 1e5 });
  await compiler('never stops complaining', `${versionOnly}\nyes >&2`, /more than 100000 bytes/, { outputLimit: 1e5 });
  await compiler('killed by the system', `${versionOnly}\nkill -9 $$`, /ended by SIGKILL \(out of memory\?\)/);
  const driver = 'g++: fatal error: Killed signal terminated program cc1plus';
  await compiler('its back end is killed', `${versionOnly}\necho '${driver}' >&2; exit 1`, /out of memory/);
  await compiler('crashes silently', `${versionOnly}\nkill -SEGV $$`, /ended by SIGSEGV and printed nothing/);
  await writeFile(join(folder, 'junk'), bytes(3000));
  await compiler(
    'complains in junk',
    `${versionOnly}\ncat '${folder}/junk'; exit ${1 + whole(99)}`,
    /failed on .* ended with/,
  );
  await compiler('makes no result', `${versionOnly}\nexit 0`, /should have made is not there/);
  await compiler('makes a file that cannot run', `${versionOnly}\necho x > "$2"`, /is not executable/);
  await compiler('makes a folder', `${versionOnly}\nmkdir "$2"`, /is no file/);
  await compiler('makes an empty file', `${versionOnly}\n: > "$2"; chmod 755 "$2"`, /is empty/);

  await program('is not there', join(folder, 'none'), /there is no such program/);
  await program('cannot be run', join(folder, 'junk'), /is no executable file/);
  await program('is a folder', folder, /is no executable file/);
  await program('hangs without reading', await script('exec sleep 1000000'), late, quick);
  await program('hangs after reading', await script(`cat > /dev/null; ${child}; wait`), late, quick);
  await program('stops itself', await script('kill -STOP $$'), late, quick);
  await program('answers without end', await script(`cat '${await saved(answer)}'; yes`), /answered more than/);
  await program('complains without end', await script('yes >&2'), /more than 100000 bytes/, { outputLimit: 1e5 });
  await program('answers random bytes', await answering(bytes(answer.length)), /answer begins with "SPR1"/);
  await program('answers for other images', await answering(changed(4, images + 1)), /images instead of/);
  const element = whole(3);
  const tooLarge = changed(8 + 8 * whole(images) + element, 1 << width);
  await program('answers a code out of range', await answering(tooLarge), /element \d is \d+, outside 0 …/);
  await program('answers too little', await answering(answer.subarray(0, 8 + whole(20))), /ended with 0 after \d+ of/);
  await program('answers well, and fails', await answering(answer, 'exit 9'), /ended with 9 after/);
  await program('is killed', await script('kill -9 $$'), /ended by SIGKILL \(out of memory\?\)/);
  await program('ends, its child does not', await answering(answer.subarray(0, 9), child), /ended with 0 after 9 of/);

  for (const after of [0, 1 + whole(80)]) {
    const abort = (): { signal: AbortSignal } => ({ signal: abortedIn(after) });
    const cxx = await script(`${versionOnly}\n${child}; wait`);
    found.push({
      kind: `abort after ${after} ms: compiler`,
      expect: /abort/,
      run: () => compile(dir, { cxx, ...abort() }),
    });
    const executable = await script(`${child}; wait`);
    const project: CompiledProject = { dir, description, executable, network: 0, compiler: 'none', cached: false };
    const run = (): Promise<unknown> => predict(project, new Float64Array(images * 3), abort());
    found.push({ kind: `abort after ${after} ms: program`, expect: /abort/, run });
  }
  return found;

  async function saved(data: Uint8Array): Promise<string> {
    const path = join(folder, `data-${count++}`);
    await mkdir(folder, { recursive: true });
    await writeFile(path, data);
    return path;
  }
}

function abortedIn(milliseconds: number): AbortSignal {
  if (milliseconds === 0) return AbortSignal.abort();
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}

/** How many of these processes live on; the killed ones are given time to go. */
async function survivors(pids: readonly number[]): Promise<number> {
  let left = pids.filter(lives);
  for (let turn = 0; left.length > 0 && turn < 6000; turn++) {
    await new Promise((next) => setTimeout(next, 20));
    left = left.filter(lives);
  }
  return left.length;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A dead one that nobody has buried counts as dead.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/^\d+ \(.*\) Z/.test(readFileSync(stat, 'utf8'));
}
