import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FitContext } from './callback.ts';
import { progress } from './progress.ts';

const context = { epochs: 4, stepsPerEpoch: 2, engine: 'fused', stop: () => {} } as unknown as FitContext;

describe('progress', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('writes whole lines without a terminal', () => {
    const written: string[] = [];
    const callback = progress({ write: (text) => written.push(text), lines: 2 });
    callback.onTrainBegin?.(context);
    for (let epoch = 0; epoch < 4; epoch++) {
      callback.onStepEnd?.(epoch, 0, { loss: 1 }, context);
      callback.onEpochEnd?.(epoch, { loss: 0.5, valAccuracy: 0.912, n: 24, threshold: 0.4125, ebops: 12345 }, context);
    }
    callback.onTrainEnd?.(context);
    expect(written).toHaveLength(3);
    expect(written[2]).toBe(
      'epoch 4/4  loss 0.500  validation 91.2 %  n 24  threshold 0.412  EBOPs 12,345  0 s, 0 s left\n',
    );
  });

  it('says where a training goes on, and estimates by what this process has done', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const written: string[] = [];
    const callback = progress({ write: (text) => written.push(text), describe: () => '' });
    callback.onTrainBegin?.(context);
    await callback.onEpochBegin?.(2, context);
    vi.advanceTimersByTime(600);
    await callback.onEpochEnd?.(2, {}, context);
    // One of two epochs done in 0.6 s; counted from the start it would be a third of that.
    expect(written).toEqual(['going on with epoch 3/4\n', 'epoch 3/4    1 s, 1 s left\n']);
  });

  it('says why a training is not on lists', () => {
    const written: string[] = [];
    const engine = "tfjs: layer 'add' is a QAdd";
    progress({ write: (text) => written.push(text) }).onTrainBegin?.({ ...context, engine });
    expect(written).toEqual(["trained with tfjs, not on lists: layer 'add' is a QAdd\n"]);
  });

  it('rewrites one line on a terminal, no longer than it, and clears it at the end', () => {
    const written: string[] = [];
    const callback = progress({ write: (text) => written.push(text), tty: true, columns: 40 });
    callback.onTrainBegin?.(context);
    callback.onStepEnd?.(0, 1, { loss: 1, accuracy: 0.5 }, context);
    callback.onTrainEnd?.(context);
    expect(written[0].startsWith('\r\u001b[2Kepoch 1/4  loss 1.000')).toBe(true);
    expect(written[0].length).toBeLessThanOrEqual('\r\u001b[2K'.length + 39);
    expect(written.at(-1)).toBe('\r\u001b[2K');
  });
});
