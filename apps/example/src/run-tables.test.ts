import { plan } from '@sp/hls';
import { graphBuilder } from '@sp/quant';
import { expect, it } from 'vitest';
import type { Firmware } from './export.ts';
import type { RunRecord } from './run-folder.ts';
import { findingsTables, makingTable } from './run-tables.ts';

/** A firmware for images of `side × side` pixels, without what the tables do not show. */
function firmware(side: number): Firmware {
  const g = graphBuilder('tiny');
  const image = g.input('image', {
    shape: [side, side, 1],
    format: { k: 0, i: 0, f: 4 },
    round: 'RND',
    overflow: 'SAT',
  });
  const flat = g.sparseFlatten('flat', g.reduce('reduce', image, { slots: 4, threshold: 4 }));
  const made = plan(g.build([flat]), { model: { clockPeriod: 4 } });
  return { plan: made } as Firmware;
}

it('says how a run was made', () => {
  const record = {
    version: 2,
    data: { kind: 'csv', path: 'my images.csv', description: 'mine', label: 'first', headerLines: 2 },
    seed: 3,
    epochs: 20,
    bestEpoch: 17,
    trainingSeconds: 4.2,
    engine: 'fused',
    start: { n: 24, threshold: 0.45, engine: 'auto' },
    history: [],
  } as RunRecord;
  const asked = { reuseFactor: 4, parallelizationFactor: undefined, rtl: 5 };
  const { rows } = makingTable(record, { made: firmware(8), asked });
  expect(rows[0][1]).toMatch(
    / --data csv 'my images\.csv' --label first --header-lines 2 --epochs 20 --seed 3 --n 24 --threshold 0\.45 --reuse-factor 4 --rtl 5$/,
  );
  expect(rows[1][1]).toBe('20 epochs from seed 3 in 4 s, epoch 17 kept; fused');
  expect(rows[2][1]).toMatch(/^Node \d+\.\d+\.\d+, TensorFlow\.js \d+\.\d+\.\d+$/);
  expect(rows[3][1]).toMatch(/, clock of 4 ns, io_parallel$/);
  const { start: _start, ...early } = record;
  expect(makingTable(record, undefined).rows).toHaveLength(3);
  expect(makingTable(early, undefined).rows[0][0]).toBe('command, with what else was given');
});

it('names what the check has found, with remedies, and is silent where it found nothing', () => {
  expect(findingsTables(firmware(8))).toEqual([]);
  const [table] = findingsTables(firmware(64));
  expect(table.rows[0]).toEqual([
    'image',
    'warning',
    expect.stringContaining('4096 elements'),
    expect.stringMatching(/\w/),
  ]);
});
