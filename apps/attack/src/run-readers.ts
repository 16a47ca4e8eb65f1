import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunRecord, readRecord, writeRecord } from '@sp/example/run-folder';
import { beginTraining, readTraining, type SavedTraining } from '@sp/example/training-folder';
import type { TimedWarning } from '@sp/train';
import { mutateText } from './mutate.ts';
import { type Reader, resealed, same } from './reader.ts';

/** What the example keeps of a run and of a training. `folder` is not there yet. */
export async function runReaders(folder: string): Promise<Reader[]> {
  await mkdir(folder);
  const record: RunRecord = {
    version: 2,
    data: { kind: 'digits', description: 'digits' },
    seed: 1,
    epochs: 2,
    bestEpoch: 1,
    trainingSeconds: 1.5,
    engine: 'fused',
    warnings: [
      { kind: 'slow', layer: 'conv', share: 0.5, when: 'epoch 1', message: 'slow' } as unknown as TimedWarning,
    ],
    history: [{ loss: 1.25 }, { loss: 0.5, accuracy: 0.75 }],
  };
  const out = join(folder, 'out');
  await mkdir(out);
  await writeRecord(out, record);
  const file = join(out, 'run.json');
  const text = await readFile(file, 'utf8');
  const wanted = await readRecord(out);
  const options = {
    data: { kind: 'digits' },
    epochs: 2,
    seed: 1,
    n: 20,
    threshold: 0.1,
  } as unknown as SavedTraining['options'];
  const saved: SavedTraining = { version: 2, options, dataDigest: 'a1'.repeat(32) };
  await beginTraining(out, saved, () => {});
  const trainingFile = join(`${out}.training`, 'training.json');
  const training = await readFile(trainingFile, 'utf8');
  const readRun = async (changed: string): Promise<boolean> => {
    await writeFile(file, changed);
    return same(await readRecord(out), wanted);
  };
  const readSaved = async (changed: string): Promise<boolean> => {
    await writeFile(trainingFile, changed);
    return same(await readTraining(out), saved);
  };
  return [
    { name: 'run.json', share: 4, attempt: (dice) => readRun(mutateText(text, dice)) },
    {
      name: 'run.json, other content with a checksum',
      share: 3,
      attempt: (dice) => readRun(resealed(text, dice)).then(() => true),
    },
    { name: 'training.json', share: 3, attempt: (dice) => readSaved(mutateText(training, dice)) },
    {
      name: 'training.json, other content with a checksum',
      share: 2,
      attempt: (dice) => readSaved(resealed(training, dice)).then(() => true),
    },
  ];
}
