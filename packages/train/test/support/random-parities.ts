import { expect } from 'vitest';
import { softmaxCrossEntropy } from '../../src/fit/loss.ts';
import { engineParity } from './engine-parity.ts';
import { randomEngineData, randomEngineModel } from './random-engine-model.ts';

/** Expects the engine to do what tfjs does on the random models `first … first + count − 1`; returns their kinds of layers. */
export function randomParities(first: number, count: number): ReadonlySet<string> {
  const kinds = new Set<string>();
  for (let seed = first; seed < first + count; seed++) {
    const model = randomEngineModel(seed);
    const { loss, gradient, variable, worst, readOuts, correct } = engineParity(
      model,
      randomEngineData(model, 12, seed),
      {
        loss: softmaxCrossEntropy({ labelSmoothing: 0.1 }),
        engineLoss: { kind: 'softmaxCrossEntropy', labelSmoothing: 0.1 },
        steps: 10,
        batchSize: 5,
        epsilon: 1e-4,
      },
    );
    for (const layer of model.layers) kinds.add(layer.getClassName());
    model.dispose();
    expect(readOuts.engine, `seed ${seed}`).toBe(readOuts.tfjs);
    expect(correct.engine, `seed ${seed}`).toEqual(correct.tfjs);
    expect(Math.max(loss, gradient, variable), `seed ${seed}: loss ${loss}, ${worst}`).toBeLessThan(1e-4);
  }
  return kinds;
}
