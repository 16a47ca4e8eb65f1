import { modelState, setBackend } from '@sp/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { adam } from '../fit/adam.ts';
import type { FitCallback } from '../fit/callback.ts';
import { earlyStopping } from '../monitor/early-stopping.ts';
import { sparseTrainingMonitor } from '../monitor/sparse-training-monitor.ts';
import { type CheckpointStore, checkpoint } from './checkpoint.ts';
import type { TrainingState } from './checkpoint-file.ts';
import { resumeFit } from './resume-fit.ts';

beforeAll(() => setBackend('cpu'));

/** As IndexedDB keeps values: copies, made at once. */
function memoryStore(): CheckpointStore & { readonly saved: TrainingState[] } {
  const saved: TrainingState[] = [];
  return {
    saved,
    save: async (state) => void saved.push(structuredClone(state)),
    load: async () => structuredClone(saved.at(-1)),
  };
}

async function train(store: CheckpointStore, ...more: FitCallback[]) {
  const model = smallSparseModel();
  const callbacks = [sparseTrainingMonitor(), earlyStopping({ monitor: 'loss' }), ...more];
  const options = { epochs: 5, batchSize: 16, seed: 5, checkpoints: { store }, callbacks };
  return { model, result: await resumeFit(model, upperOrLower(40, 1), options) };
}

describe('a training with checkpoints in a store', () => {
  it('goes on with the same numbers after it was cut off in an epoch', async () => {
    const whole = await train(memoryStore());
    const store = memoryStore();
    const cut: FitCallback = {
      name: 'cut',
      onStepEnd(epoch, step) {
        if (epoch === 2 && step === 1) throw new Error('cut off');
      },
    };
    await expect(train(store, cut)).rejects.toThrow('cut off');
    expect(store.saved.map(({ epochs }) => epochs)).toEqual([0, 1, 2]);
    const resumed = await train(store, { name: 'cut' });
    expect(modelState(resumed.model)).toEqual(modelState(whole.model));
    expect(resumed.result.epochs.map(({ loss }) => loss)).toEqual(whole.result.epochs.map(({ loss }) => loss));
  });

  it('is told what else was changed', async () => {
    const store = memoryStore();
    await train(store);
    const [first] = store.saved;
    await expect(train({ ...store, load: async () => ({ ...first, seed: 6 }) })).rejects.toThrow(
      'the checkpoint in store: of a training with seed 6, not 5',
    );
  });

  it('refuses a folder beside it, no place at all, and several kept', () => {
    const store = memoryStore();
    const optimizer = adam();
    expect(() => checkpoint({ optimizer })).toThrow('checkpoint: neither of directory and store given');
    expect(() => checkpoint({ optimizer, store, directory: 'a' })).toThrow('checkpoint: both of directory and store');
    expect(() => checkpoint({ optimizer, store, keep: 3 })).toThrow('keep 3 has no meaning with a store');
  });
});
