import { describe, expect, it } from 'vitest';
import { directionOf, watched } from './watched.ts';

describe('directionOf', () => {
  it.each([
    ...['accuracy', 'valAccuracy', 'val_acc', 'acc', 'sparse_categorical_accuracy', 'topKAccuracy', 'valAuc', 'AUC'],
    ...[
      'precision',
      'val_recall_2',
      'valF1',
      'valF1Score',
      'f1_score',
      'meanIoU',
      'mean_io_u_accuracy',
      'r2_score',
      'signalEfficiency',
    ],
  ])('%s goes up', (name) => expect(directionOf(name)).toBe('max'));

  it.each([
    ...[
      'loss',
      'valLoss',
      'val_loss',
      'lossTask',
      'lossN',
      'ebops',
      'calibratedBops',
      'n',
      'val_n',
      'mae',
      'valMse',
      'RMSE',
    ],
    ...[
      'mean_squared_error',
      'meanAbsoluteError',
      'kullback_leibler_divergence',
      'crossEntropy',
      'false_positives',
      'seconds',
    ],
  ])('%s goes down', (name) => expect(directionOf(name)).toBe('min'));

  it.each(['score', 'threshold', 'learningRate', 'accuracyLoss', 'value', 'nature', 'maps', 'accent', '', 'val'])(
    "'%s' does not tell",
    (name) => expect(directionOf(name)).toBeUndefined(),
  );
});

describe('watched', () => {
  it('takes the direction given, says the one it read off, and demands one of what it cannot judge', () => {
    expect(watched('stop', 'score', 'max').direction).toBe('max');
    expect(watched('stop', 'valLoss', 'max').note).toBeUndefined();
    expect(watched('stop', 'valAccuracy', undefined).note).toBe("stop: more valAccuracy is better (mode: 'max')");
    expect(watched('stop', 'n', undefined, true).note).toBeUndefined();
    expect(() => watched('stop', 'score', undefined)).toThrow(
      "stop: whether more or less of 'score' is better is not known; say mode: 'max' or mode: 'min'",
    );
    expect(() => watched('stop', () => 1, undefined)).toThrow('of what a function gives');
    expect(() => watched('stop', 'loss', 'auto' as 'min')).toThrow("mode 'auto' is neither");
  });

  it('compares in its direction', () => {
    const [up, down] = [watched('stop', 'x', 'max'), watched('stop', 'x', 'min')];
    expect([up.isBetter(2, 1), up.isBetter(1, 1), up.isBetter(2, 1, 1), up.isBetter(0, 1)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([down.isBetter(0, 1), down.isBetter(1, 1), down.isBetter(0, 1, 1), down.isBetter(2, 1)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(up.value({ x: 3 })).toBe(3);
    expect(() => up.value({ y: Number.NaN })).toThrow("stop: the logs hold no number 'x'; they hold y");
  });
});
