import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Dice, dice } from './dice.ts';
import { leftovers } from './leftovers.ts';
import { type Row, Tally } from './row.ts';
import { WRITERS, type Writer } from './writers.ts';

/** The built child: kills are for a program as users run it. */
const CHILD = fileURLToPath(new URL('../dist/child.js', import.meta.url));

/** After this time a child that should have ended counts as late. */
const LIMIT_MS = 300_000;

const silent = (): void => {};

/** How often to kill, and where. */
export interface KillOptions {
  readonly seed: number;
  /** Kills of all writers together. */
  readonly kills: number;
  /** An empty folder. */
  readonly folder: string;
  /** The writers to kill, by name. Default all. */
  readonly only?: readonly string[];
}

/**
 * Kills each writer at random moments while it writes state after state. What is there afterwards must be the last state it said, or the one after
 * it, whole; and after one more write in peace there must be nothing else.
 */
export async function attackWriters({ seed, kills, folder, only = Object.keys(WRITERS) }: KillOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of only) {
    const writer = WRITERS[kind];
    const chance = dice(seed);
    const place = join(folder, `kill-${rows.length}`);
    await mkdir(place);
    const tally = new Tally(`SIGKILL: ${kind}`);
    let state: number | undefined;
    for (let kill = 0; kill < (kills * writer.share) / 100; kill++) {
      const next = (state ?? -1) + 1;
      const { said, errors } = await killed(kind, place, next, chance);
      for (const error of errors) tally.add('untyped', error);
      const last = said ?? state;
      try {
        state = await writer.read(place, silent);
        const fine = state === last || state === (last ?? -1) + 1;
        tally.add(fine ? 'refused' : 'lost', `state ${state} after ${last} was said`);
      } catch (error) {
        tally.add('lost', String(error));
        break;
      }
    }
    await inPeace(kind, writer, place, (state ?? -1) + 1, tally);
    rows.push(tally.row());
  }
  return rows;
}

/**
 * Lets two processes write the same target for a while. Of two that meet one is refused by name of the other; what is there is always a whole state.
 */
export async function attackTogether({ seed, kills, folder }: Omit<KillOptions, 'only'>): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [kind, writer] of Object.entries(WRITERS)) {
    if (writer.alone) continue;
    const chance = dice(seed + 1);
    const place = join(folder, `pair-${rows.length}`);
    await mkdir(place);
    const tally = new Tally(`two processes: ${kind}`);
    for (let round = 0; round < Math.max(1, kills / 60); round++) {
      const pair = [0, 1].map((who) => start(kind, place, 1000 * (2 * round + who + 1), 0));
      await Promise.all(pair.map(({ ready }) => ready));
      await pause(150 + chance.below(300));
      for (const { child } of pair) child.kill('SIGKILL');
      const ends = await Promise.all(pair.map(({ ended }) => ended));
      for (const { states, busy, errors } of ends) {
        for (let j = 0; j < states.length; j++) tally.add('right');
        for (let j = 0; j < busy; j++)
          tally.add(writer.exclusive ? 'refused' : 'lost', 'refused where the last one wins');
        for (const error of errors) tally.add('untyped', error);
      }
      try {
        const state = await writer.read(place, silent);
        if (state === undefined && ends.some(({ states }) => states.length > 0)) tally.add('lost', 'nothing is there');
      } catch (error) {
        tally.add('lost', String(error));
      }
    }
    await inPeace(kind, writer, place, 9_000_000, tally);
    rows.push(tally.row());
  }
  return rows;
}

/** One more write must find its way, and leave nothing but its state. */
async function inPeace(kind: string, writer: Writer, place: string, n: number, tally: Tally): Promise<void> {
  const { states, errors, busy } = await start(kind, place, n, 1).ended;
  if (states[0] !== n) {
    const why = errors[0] ?? (busy > 0 ? 'someone is said to write there ' : 'it said nothing');
    return tally.add('lost', `the next run fails: ${why}`);
  }
  const left = await leftovers(writer, place, n);
  if (left.length > 0) tally.add('lost', `leftovers: ${left.join(', ')}`);
  else tally.add((await writer.read(place, silent)) === n ? 'right' : 'lost', 'the last state is not there');
}

interface Ended {
  readonly states: readonly number[];
  readonly busy: number;
  readonly errors: readonly string[];
}

interface Started {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly ended: Promise<Ended>;
}

function start(kind: string, place: string, first: number, count: number): Started {
  const child = spawn(process.execPath, [CHILD, kind, place, String(first), String(count)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const ended = new Promise<Ended>((done) => {
    child.stderr.on('data', (data) => {
      err += data;
    });
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      // A killed process may have said half a line.
      const lines = out
        .slice(0, out.lastIndexOf('\n') + 1)
        .split('\n')
        .filter(Boolean);
      const crash = code !== 0 && signal === null ? [err] : [];
      done({
        states: lines.filter((line) => /^\d+$/.test(line)).map(Number),
        busy: lines.filter((line) => line === 'busy').length,
        errors: [...lines.filter((line) => line.startsWith('{')), ...crash],
      });
    });
  });
  const ready = new Promise<void>((done) => {
    child.stdout.on('data', (data) => {
      out += data;
      if (out.includes('ready\n')) done();
    });
    void ended.then(() => done());
  });
  return { child, ready, ended };
}

async function killed(kind: string, place: string, first: number, chance: Dice) {
  const { child, ready, ended } = start(kind, place, first, 0);
  await ready;
  await pause(chance.below(120));
  child.kill('SIGKILL');
  const { states, errors } = await ended;
  return { said: states.at(-1), errors };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
