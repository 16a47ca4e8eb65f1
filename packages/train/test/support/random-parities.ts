import { collectQLayers } from '@sp/layers';
import { expect } from 'vitest';
import { softmaxCrossEntropy } from '../../src/fit/loss.ts';
import { engineParity } from './engine-parity.ts';
import { randomEngineData, randomEngineModel } from './random-engine-model.ts';

/** Expects the engine to do what tfjs does on the random models `first … first + count − 1`; returns their kinds of layers. */
export function randomParities(first: number, count: number): ReadonlySet<string> {
  const kinds = new Set<string>();
  for (let seed = first; seed < first + count; seed++) {
    const model = randomEngineModel(seed);
    const { loss, gradient, variable, worst, readOuts, correct, predictions } = engineParity(
      model,
      randomEngineData(model, 12, seed),
      {
        loss: softmaxCrossEntropy({ labelSmoothing: 0.1 }),
        steps: 10,
        batchSize: 5,
        epsilon: 1e-4,
      },
    );
    for (const layer of model.layers) kinds.add(layer.getClassName());
    const layers = collectQLayers(model);
    const quantised = layers.every(({ quantizers }) =>
      [...quantizers.values()].every(({ config }) => config.qType !== 'dummy'),
    );
    model.dispose();
    expect(readOuts.engine, `seed ${seed}`).toBe(readOuts.tfjs);
    expect(correct.engine, `seed ${seed}`).toEqual(correct.tfjs);
    // Inference on quantised weights is exact, so that engine, layers and firmware agree.
    if (quantised) expect(predictions.engine, `seed ${seed}`).toEqual(predictions.tfjs);
    else for (const [j, value] of predictions.engine.entries()) expect(value).toBeCloseTo(predictions.tfjs[j], 4);
    expect(Math.max(loss, gradient, variable), `seed ${seed}: loss ${loss}, ${worst}`).toBeLessThan(1e-4);
  }
  return kinds;
}
