import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attackPrograms } from '../../../packages/hls/test/support/attack-programs.ts';
import { attackDataReaders } from '../../../packages/train/test/attack/attack-data-readers.ts';
import {
  attackCalls,
  attackDisks,
  attackExample,
  attackReaders,
  attackTogether,
  attackWriters,
  type Row,
  Tally,
  table,
} from '../src/index.ts';

/** `npm run attack` sets these; `npm test` takes a short cut. */
const seed = Number(process.env.SP_ATTACK_SEED ?? 1);
const [inputs, kills, calls, disks, runs] =
  process.env.SP_ATTACK === 'full' ? [12_000, 260, 1_000_000, 12, 50] : [800, 12, 3, 2, 1];

let folder: string;
const rows: Row[] = [];
const empty = async (name: string): Promise<string> => {
  await mkdir(join(folder, name));
  return join(folder, name);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sp-attack-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  const file = process.env.SP_ATTACK_JSON;
  if (file !== undefined) await writeFile(file, JSON.stringify({ seed, rows, table: table(rows) }, null, 1));
});

function judge(found: readonly Row[]): void {
  rows.push(...found);
  expect(found.flatMap(({ attack, examples }) => examples.map((example) => `${attack}: ${example}`))).toEqual([]);
  expect(found.every(({ tries }) => tries > 0)).toBe(true);
}

it('damaged files and texts', async () => {
  judge(await attackReaders({ seed, count: inputs, folder: await empty('readers') }));
});

it('damaged data files', async () => {
  const found = await attackDataReaders({ seed, count: inputs });
  judge(
    found.map(({ reader, mutations: tries, refused, acceptedSame, acceptedDifferent, untyped, hangs, faults }) => ({
      attack: `damaged: ${reader}`,
      tries,
      refused,
      right: acceptedSame,
      damaged: acceptedDifferent,
      untyped,
      late: hangs,
      lost: 0,
      examples: faults,
    })),
  );
});

it('kills', async () => {
  judge(await attackWriters({ seed, kills, folder: await empty('kills') }));
});

it('ends in, and refusals of, every call', async () => {
  judge(await attackCalls({ seed, most: calls, folder: await empty('calls') }));
});

it('two processes on one target', async () => {
  judge(await attackTogether({ seed, kills, folder: await empty('pairs') }));
});

it('full and read-only disks', async () => {
  judge(await attackDisks({ seed, count: disks, folder: await empty('disks') }));
});

it('kills of the example', async () => {
  judge([await attackExample({ seed, kills: runs, folder: await empty('example') })]);
});

it('hostile compilers and programs', async () => {
  const tally = new Tally('hostile compilers and programs');
  for (const { kind, outcome, typed, orphans, expected } of await attackPrograms({ seed })) {
    const said = `${kind}: ${outcome}`;
    if (orphans > 0) tally.add('late', `${orphans} processes are left; ${said}`);
    else if (outcome === 'accepted') tally.add(expected ? 'right' : 'damaged', said);
    else tally.add(typed && expected ? 'refused' : 'untyped', said);
  }
  judge([tally.row()]);
});
