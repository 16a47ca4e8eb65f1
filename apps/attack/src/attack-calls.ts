import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dice, dice } from './dice.ts';
import { calmly, type Fault, faulty } from './faults.ts';
import { leftovers } from './leftovers.ts';
import { isTyped, type Row, Tally } from './row.ts';
import { WRITERS, type Writer } from './writers.ts';

/** How thoroughly. */
export interface CallsOptions {
  readonly seed: number;
  /** Most faults of one kind per writer: all where it makes fewer calls, otherwise some by chance. */
  readonly most: number;
  /** An empty folder. */
  readonly folder: string;
  /** The writers, by name. Default all. */
  readonly only?: readonly string[];
}

const silent = (): void => {};

/**
 * Where the others trust chance, this looks everywhere: a writer ends before each of its file-system calls and in the middle of it, and each call is
 * refused, alone or with all that need room after it (a full disk, played by a stub). Everything is done in this process, so that it takes moments.
 */
export async function attackCalls({ seed, most, folder, only = Object.keys(WRITERS) }: CallsOptions): Promise<Row[]> {
  const rows: Row[] = [];
  const back = process.cwd();
  for (const kind of only) {
    const writer = WRITERS[kind];
    const chance = dice(seed);
    const stops = new Tally(`ended before or in a call: ${kind}`);
    const refusals = new Tally(`a call refused, or all from it on: ${kind}`);
    await writer.load();
    const place = join(folder, `calls-${rows.length}`);
    const anew = async (first: boolean): Promise<void> => {
      process.chdir(back);
      await rm(place, { recursive: true, force: true });
      await mkdir(place);
      if (kind === 'the firmware project one is in') process.chdir(place);
      if (!first) await calmly(() => writer.write(place, 0, silent));
    };
    try {
      for (const first of [true, false]) {
        await anew(first);
        const { calls } = await faulty({ kind: 'none' }, () => writer.write(place, 1, silent));
        const before = first ? undefined : 0;
        for (const at of some(calls, most, chance)) {
          for (const torn of [false, true]) {
            await anew(first);
            await stopped(writer, place, before, { kind: 'stop', at, torn }, chance, stops);
          }
          for (const [code, lasting] of REFUSALS) {
            await anew(first);
            await refused(writer, place, before, { kind: 'refuse', at, code, lasting }, refusals);
          }
        }
      }
    } finally {
      process.chdir(back);
    }
    rows.push(stops.row(), refusals.row());
  }
  return rows;
}

const REFUSALS = [
  ['EIO', false],
  ['ENOSPC', true],
  ['EDQUOT', true],
] as const;

/** The process ends; so does, half of the times, the next one. Then someone reads, or not, and the one after that writes in peace. */
async function stopped(
  writer: Writer,
  place: string,
  before: number | undefined,
  fault: Fault & { kind: 'stop' },
  chance: Dice,
  tally: Tally,
): Promise<void> {
  const where = `${fault.torn ? 'in' : 'before'} call ${fault.at}${before === undefined ? ', the first write' : ''}`;
  const wanted = [before, 1];
  try {
    if ((await faulty(fault, () => writer.write(place, 1, silent))).end === 'done') return tally.add('right');
    // A training goes on behind what it finds.
    const next = async (n: number) => (writer.alone ? ((await writer.read(place, silent)) ?? -1) + 1 : n);
    if (chance.below(2) === 0) {
      const second = await next(2);
      wanted.push(second);
      await faulty({ kind: 'stop', at: chance.below(fault.at + 20), torn: chance.below(2) === 0 }, () =>
        writer.write(place, second, silent),
      );
    }
    if (chance.below(2) === 0) {
      const state = await calmly(() => writer.read(place, silent));
      if (!wanted.includes(state)) return tally.add('lost', `${where}: state ${state}`);
    }
    const last = await next(3);
    await calmly(() => writer.write(place, last, silent));
    const found = await writer.read(place, silent);
    const left = await leftovers(writer, place, last);
    if (found !== last) tally.add('lost', `${where}: ${found} instead of what was written then`);
    else if (left.length > 0) tally.add('lost', `${where}: leftovers: ${left.join(', ')}`);
    else tally.add('refused');
  } catch (error) {
    tally.add('lost', `${where}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

/** A call fails: the error says what and what to do, the state is the old one or the new one, and nobody is told that someone still writes there. */
async function refused(
  writer: Writer,
  place: string,
  before: number | undefined,
  fault: Fault & { kind: 'refuse' },
  tally: Tally,
): Promise<void> {
  const where = `${fault.code} ${fault.lasting ? 'from' : 'at'} call ${fault.at}${before === undefined ? ', the first write' : ''}`;
  try {
    const { end, error } = await faulty(fault, () => writer.write(place, 1, silent));
    const said = error instanceof Error ? error.message : String(error);
    if (end === 'failed' && !isTyped(error)) return tally.add('untyped', `${where}: ${said}`);
    const owners = (await readdir(place, { recursive: true })).filter((name) => LIVING.test(name));
    if (owners.length > 0) return tally.add('lost', `${where}: nobody writes, but there is ${owners.join(', ')}`);
    const state = await calmly(() => writer.read(place, silent));
    if (state !== 1 && (end === 'done' || state !== before)) return tally.add('lost', `${where}: state ${state}`);
    if (state === 1 && /is unchanged/.test(said)) return tally.add('lost', `${where}: changed, but ${said}`);
    await calmly(() => writer.write(place, 3, silent));
    // What cannot be removed from a checkpoint goes with it.
    const left = writer.alone ? [] : await leftovers(writer, place, 3);
    if (left.length > 0) tally.add('lost', `${where}: leftovers: ${left.join(', ')}`);
    else tally.add(end === 'failed' ? 'refused' : 'right');
  } catch (error) {
    tally.add('lost', `${where}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

/** An owner's name that other processes take for one at work while this process lives. */
const LIVING = new RegExp(`owner-${process.pid}-(?!ended-)`);

/** So many of the numbers below `count`, in order. */
function some(count: number, most: number, chance: Dice): readonly number[] {
  const all = Array.from({ length: count }, (_, at) => at);
  while (all.length > most) all.splice(chance.below(all.length), 1);
  return all;
}
