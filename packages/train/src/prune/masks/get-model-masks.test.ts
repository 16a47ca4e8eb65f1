import { qConv2D, qDense } from '@sp/layers';
import { qkerasConv2D, qkerasDense } from '@sp/layers/qkeras';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, vi } from 'vitest';
import { randomSource } from '../../data/random.ts';
import { OptionError } from '../../option-error.ts';
import { attributesFromModel } from '../attributes/attributes-from-model.ts';
import type { ModelAttributes } from '../attributes/layer-attributes.ts';
import { type OptimizationAttributes, optimizationAttributes } from '../attributes/optimization-attributes.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import type { ObjectiveEstimator } from '../objectives/objective-estimator.ts';
import { parameterObjective } from '../objectives/parameter-objective.ts';
import { applyMasks } from './apply-masks.ts';
import { getModelMasks, type MaskOptions, masksOfKernels } from './get-model-masks.ts';

/** All weights; one group's for any that is not kept, also when it is shared. */
const groupObjective: ObjectiveEstimator = {
  ...parameterObjective,
  layerSavings: (layer) =>
    parameterObjective.layerSavings({
      ...layer,
      optimizationAttributes: { ...layer.optimizationAttributes, pruning: true, weightSharing: false },
    }),
};

const dense = {
  stock: (units: number) => tf.layers.dense({ name: 'layer', units }),
  quantised: (units: number) => qDense({ name: 'layer', units }),
  qkeras: (units: number) => qkerasDense({ name: 'layer', units, kernelQuantizer: 'quantized_bits(8,2,alpha=1)' }),
};

const conv = {
  stock: (filters: number, kernelSize: [number, number]) => tf.layers.conv2d({ name: 'layer', filters, kernelSize }),
  quantised: (filters: number, kernelSize: [number, number]) => qConv2D({ name: 'layer', filters, kernelSize }),
  qkeras: (filters: number, kernelSize: [number, number]) => qkerasConv2D({ name: 'layer', filters, kernelSize }),
};

/** A model of one layer; its kernel is random, between 0.1 and 1 in magnitude, and then what `change` makes of it. */
function oneLayer(
  layer: tf.layers.Layer,
  inputShape: number[],
  change: (weights: Float32Array) => void = () => {},
): tf.LayersModel {
  const input = tf.input({ shape: inputShape });
  const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
  setKernel(model, 'layer', change);
  return model;
}

function setKernel(model: tf.LayersModel, name: string, change: (weights: Float32Array) => void): void {
  const kernel = prunableKernel(model.getLayer(name))?.variable as tf.Variable;
  const random = randomSource(4);
  const weights = Float32Array.from(
    { length: kernel.size },
    () => (0.1 + 0.9 * random.unit()) * (random.below(2) * 2 - 1),
  );
  change(weights);
  kernel.assign(tf.tensor(weights, kernel.shape));
}

function attributed(
  model: tf.LayersModel,
  given: Partial<OptimizationAttributes>,
  kinds = ['dense', 'conv2d'],
): ModelAttributes {
  return new Map(
    [...attributesFromModel(model)].map(([name, layer]) => [
      name,
      layer.kind !== null && kinds.includes(layer.kind)
        ? { ...layer, optimizable: true, optimizationAttributes: optimizationAttributes({ pruning: true, ...given }) }
        : layer,
    ]),
  );
}

/** Indices of the zeros of the layer's mask, and whether the offsets are 0 there. */
async function removed(
  model: tf.LayersModel,
  given: Partial<OptimizationAttributes>,
  options: MaskOptions,
  objective: ObjectiveEstimator = parameterObjective,
): Promise<{ readonly zeros: number[]; readonly offsets: number[] }> {
  const found = await getModelMasks(model, attributed(model, given), 0.33, objective, options);
  const mask = found.masks.get('layer') ?? new Float32Array(0);
  const zeros = [...mask.keys()].filter((j) => mask[j] === 0);
  return { zeros, offsets: Array.from(found.offsets.get('layer') ?? []) };
}

/** Flat indices of columns of a matrix or filters of a kernel. */
function columns(size: number, outputs: number, chosen: readonly number[]): number[] {
  return Array.from({ length: size }, (_, j) => j).filter((j) => chosen.includes(j % outputs));
}

const small =
  (indices: readonly number[], value = 1e-6) =>
  (weights: Float32Array) => {
    for (const j of indices) weights[j] = value;
  };

describe.each([{ local: true }, { local: false }])('getModelMasks, $local local', ({ local }) => {
  describe.each(Object.keys(dense) as (keyof typeof dense)[])('%s dense layers', (type) => {
    it('unstructured: the smallest weights', async () => {
      const model = oneLayer(dense[type](3), [2], small([0, 5]));
      expect(await removed(model, {}, { local })).toEqual({ zeros: [0, 5], offsets: Array(6).fill(0) });
    });

    it('structured: the smallest neurons', async () => {
      const chosen = columns(18, 6, [0, 2]);
      const model = oneLayer(dense[type](6), [3], small(chosen));
      expect((await removed(model, { structure: 'structured' }, { local })).zeros).toEqual(chosen);
    });

    it('pattern: the weights of the least multipliers', async () => {
      const chosen = columns(12, 4, [0, 2]);
      const model = oneLayer(dense[type](4), [3], small(chosen));
      const given = { structure: 'pattern', patternOffset: 4 } as const;
      expect((await removed(model, given, { local })).zeros).toEqual(chosen);
    });

    it('consecutive patterns: pairs of neighbours', async () => {
      const model = oneLayer(dense[type](4), [3], (weights) => {
        for (const j of weights.keys()) weights[j] = [1e-6, 1e-4, j, 1e-6][j % 4];
      });
      const given = { structure: 'pattern', patternOffset: 4, consecutivePatterns: 2 } as const;
      expect((await removed(model, given, { local })).zeros).toEqual(columns(12, 4, [0, 1]));
    });

    it('block: the smallest tiles', async () => {
      const chosen = [0, 1, 6, 7, 14, 15, 20, 21];
      const model = oneLayer(dense[type](6), [4], small(chosen));
      expect((await removed(model, { structure: 'block', blockShape: [2, 2] }, { local })).zeros).toEqual(chosen);
    });
  });

  describe.each(Object.keys(conv) as (keyof typeof conv)[])('%s convolutions', (type) => {
    it('unstructured: the smallest weights', async () => {
      const chosen = [0, 3, 4, 9, 10, 15];
      const model = oneLayer(conv[type](2, [2, 2]), [4, 4, 2], small(chosen));
      expect((await removed(model, {}, { local })).zeros).toEqual(chosen);
    });

    it('structured: the smallest filters', async () => {
      const chosen = columns(216, 6, [1, 5]);
      const model = oneLayer(conv[type](6, [3, 3]), [5, 5, 4], small(chosen, 1e-3));
      expect((await removed(model, { structure: 'structured' }, { local })).zeros).toEqual(chosen);
    });

    it('pattern: the weights of the least multipliers', async () => {
      const model = oneLayer(conv[type](2, [2, 1]), [4, 4, 2], small([0, 1, 2, 3]));
      const given = { structure: 'pattern', patternOffset: 4 } as const;
      expect((await removed(model, given, { local })).zeros).toEqual([0, 1, 2, 3]);
    });
  });

  describe('weight sharing', () => {
    const sharing = { pruning: false, weightSharing: true } as const;

    it('structured: a neuron becomes one number', async () => {
      const model = oneLayer(dense.stock(3), [4], (weights) => {
        [0.5, 0.5 + 1e-4, 0.5, 0.5 - 1e-4].forEach((w, row) => {
          weights[3 * row + 1] = w;
        });
      });
      const { zeros, offsets } = await removed(
        model,
        { structure: 'structured', ...sharing },
        { local },
        groupObjective,
      );
      expect(zeros).toEqual([1, 4, 7, 10]);
      expect(offsets).toEqual(Array.from({ length: 12 }, (_, j) => (j % 3 === 1 ? 0.5 : 0)));
    });

    it('pattern: what a multiplier handles becomes one number', async () => {
      const model = oneLayer(dense.stock(4), [3], (weights) => {
        for (const column of [0, 2]) {
          [0.5 + 1e-4, 0.5, 0.5 - 1e-4].forEach((w, row) => {
            weights[4 * row + column] = w;
          });
        }
      });
      const given = { structure: 'pattern', patternOffset: 4, ...sharing } as const;
      const { zeros, offsets } = await removed(model, given, { local }, groupObjective);
      expect(zeros).toEqual(columns(12, 4, [0, 2]));
      expect(offsets).toEqual(Array.from({ length: 12 }, (_, j) => (j % 2 === 0 ? 0.5 : 0)));
    });

    it('block: a tile becomes one number', async () => {
      const tiles = [0, 1, 6, 7, 14, 15, 20, 21];
      const model = oneLayer(dense.stock(6), [4], (weights) => {
        tiles.forEach((j, k) => {
          weights[j] = 0.5 + (k % 2 === 0 ? 1e-3 : -1e-3);
        });
      });
      const given = { structure: 'block', blockShape: [2, 2], ...sharing } as const;
      const { zeros, offsets } = await removed(model, given, { local }, groupObjective);
      expect(zeros).toEqual(tiles);
      expect(offsets).toEqual(Array.from({ length: 24 }, (_, j) => (tiles.includes(j) ? 0.5 : 0)));
    });
  });

  it.each(['unstructured', 'structured', 'pattern', 'block'] as const)(
    'keeps the right share of two layers, %s',
    async (structure) => {
      const input = tf.input({ shape: [5, 5, 4] });
      const y = tf.layers
        .conv2d({ name: 'conv', filters: 6, kernelSize: 2, padding: 'valid' })
        .apply(input) as tf.SymbolicTensor;
      const flat = tf.layers.flatten().apply(tf.layers.zeroPadding2d({ padding: 2 }).apply(y)) as tf.SymbolicTensor;
      const model = tf.model({
        inputs: input,
        outputs: tf.layers.dense({ name: 'dense', units: 16 }).apply(flat) as tf.SymbolicTensor,
      });
      for (const name of ['conv', 'dense']) setKernel(model, name, (weights) => weights.fill(1));
      const given = { structure, blockShape: [4, 4] } as const;
      const attributes = new Map(
        [...attributed(model, given)].map(([name, layer]) => {
          const own = layer.kind === 'conv2d' && structure === 'block' ? 'unstructured' : structure;
          const patternOffset = layer.kind === 'conv2d' ? 4 : 1024;
          const settings = { ...layer.optimizationAttributes, structure: own, patternOffset };
          return [name, { ...layer, optimizationAttributes: optimizationAttributes(settings) }];
        }),
      );
      const ones = async (sparsity: number): Promise<number[]> => {
        const { masks } = await getModelMasks(model, attributes, sparsity, parameterObjective, { local });
        return ['conv', 'dense'].map((name) => masks.get(name)?.reduce((sum, bit) => sum + bit, 0) ?? -1);
      };
      const sizes = [96, 6144];
      expect(await ones(0)).toEqual(sizes);
      expect(await ones(1)).toEqual([0, 0]);
      const half = await ones(0.5);
      if (local) expect(half).toEqual(sizes.map((size) => size / 2));
      else expect(half[0] + half[1]).toBeLessThanOrEqual((sizes[0] + sizes[1]) / 2);
    },
  );
});

describe('getModelMasks', () => {
  const kernels = (numbers: Readonly<Record<string, readonly number[]>>): ReadonlyMap<string, Float32Array> =>
    new Map(Object.entries(numbers).map(([name, list]) => [name, Float32Array.from(list)]));
  const twoLayers = (): ModelAttributes => {
    const input = tf.input({ shape: [2] });
    const y = tf.layers.dense({ name: 'a', units: 2 }).apply(input);
    return attributed(
      tf.model({ inputs: input, outputs: tf.layers.dense({ name: 'b', units: 2 }).apply(y) as tf.SymbolicTensor }),
      {},
    );
  };

  it('refuses blocks of a convolution, and sizes that do not divide', async () => {
    const filters = oneLayer(conv.stock(2, [2, 2]), [4, 4, 2]);
    await expect(removed(filters, { structure: 'block' }, {})).rejects.toThrow(
      "'layer': structure 'block' needs a matrix",
    );
    const matrix = oneLayer(dense.stock(4), [3]);
    await expect(removed(matrix, { structure: 'pattern', patternOffset: 5 }, {})).rejects.toThrow(
      'patternOffset 5 does not divide',
    );
    const three = { structure: 'pattern', patternOffset: 4, consecutivePatterns: 3 } as const;
    await expect(removed(matrix, three, {})).rejects.toThrow('consecutivePatterns 3 does not divide patternOffset 4');
    await expect(removed(matrix, { structure: 'block', blockShape: [2, 2] }, {})).rejects.toThrow(
      'blockShape [2,2] does not divide',
    );
  });

  it('refuses unknown metrics, metrics without derivatives and senseless options', async () => {
    const model = oneLayer(dense.stock(3), [2]);
    const masks = (options: MaskOptions, sparsity = 0.5): Promise<unknown> =>
      getModelMasks(model, attributed(model, {}), sparsity, parameterObjective, options);
    await expect(masks({ metric: 'l3' as 'l1' })).rejects.toThrow("metric 'l3' is none of l1, l2, oracle, saliency");
    await expect(masks({ metric: 'oracle' })).rejects.toThrow('the metric oracle needs gradients');
    await expect(masks({ metric: 'saliency' })).rejects.toThrow('the metric saliency needs hessians');
    await expect(masks({ metric: 'oracle', gradients: new Map() })).rejects.toThrow("of layer 'layer'");
    const short = new Map([['layer', new Float32Array(5)]]);
    await expect(masks({ metric: 'oracle', gradients: short })).rejects.toThrow('5 derivatives for 6 weights');
    await expect(masks({ solver: 'simplex' as 'greedy' })).rejects.toThrow(OptionError);
    await expect(masks({}, 1.1)).rejects.toThrow('sparsity 1.1 is not in 0 … 1');
  });

  it('ranks by |w · g| and by w² · h', async () => {
    const attributes = twoLayers();
    const weights = kernels({ a: [1, 2, 3, 4], b: [1, 1, 1, 1] });
    const derivatives = new Map([
      ['a', [40, 15, 1, 1]],
      ['b', [9, 8, -7, 6]],
    ]);
    const zeros = async (options: MaskOptions): Promise<string> => {
      const { masks } = await masksOfKernels(weights, attributes, 0.5, parameterObjective, { local: true, ...options });
      return [...masks.values()].map((mask) => mask.join('')).join(' ');
    };
    expect(await zeros({ metric: 'oracle', gradients: derivatives })).toBe('1100 1100');
    expect(await zeros({ metric: 'saliency', hessians: derivatives })).toBe('1100 1100');
    expect(await zeros({ metric: 'l2' })).toBe('0011 0011');
  });

  it('leaves a layer of zeros to the others', async () => {
    const weights = kernels({ a: [0, 0, 0, 0], b: [0.1, 0.2, 0.3, 0.4] });
    const { masks, offsets } = await masksOfKernels(weights, twoLayers(), 0.5, parameterObjective);
    expect(masks.get('a')?.join('')).toBe('0000');
    expect(masks.get('b')?.join('')).toBe('1111');
    expect(offsets.get('a')).toEqual(new Float32Array(4));
  });

  it('shares the mean of the weights, also of patterns ranked by other scores, in layers behind others', async () => {
    const attributes = new Map(
      [...twoLayers()].map(([name, layer]) => {
        const given = { structure: 'structured', pruning: false, weightSharing: true } as const;
        return [name, { ...layer, optimizationAttributes: optimizationAttributes(given) }];
      }),
    );
    const weights = kernels({ a: [5, -5, 1, 9], b: [2, 7, 4, -7] });
    const hessians = new Map([
      ['a', [1, 1, 1, 1]],
      ['b', [3, 1, 0.75, 90]],
    ]);
    for (const normalization of ['full', 'compat'] as const) {
      const options = { metric: 'saliency', hessians, normalization } as const;
      const { masks, offsets } = await masksOfKernels(weights, attributes, 0.75, groupObjective, options);
      // Column 0 of b: scores 12 and 12, weights 2 and 4.
      expect(masks.get('b')?.join('')).toBe('0101');
      expect(offsets.get('b')).toEqual(Float32Array.from([3, 0, 3, 0]));
      expect(masks.get('a')?.join('')).toBe('0000');
    }
  });

  it('says that single weights share nothing', async () => {
    const say = vi.fn();
    const weights = kernels({ a: [1, 2, 3, 4], b: [1, 2, 3, 4] });
    const attributes = new Map(
      [...twoLayers()].map(([name, layer]) => {
        const given = { pruning: name === 'a', weightSharing: true };
        return [name, { ...layer, optimizationAttributes: optimizationAttributes(given) }];
      }),
    );
    const { masks } = await masksOfKernels(weights, attributes, 0.5, groupObjective, { say });
    expect([...masks.keys()]).toEqual(['a']);
    expect(say.mock.calls.map(([line]) => line)).toEqual([
      "getModelMasks: Layer 'a' shares no weights: structure 'unstructured' has one in each group",
      "getModelMasks: Layer 'b' shares no weights: structure 'unstructured' has one in each group",
    ]);
  });

  it('takes savings that differ from group to group', async () => {
    const costly: ObjectiveEstimator = {
      ...parameterObjective,
      layerResources: () => [10],
      groupSavings: (_, groups) => Array.from(groups.weights, (w) => [Math.ceil(Math.abs(w) * 3)]),
    };
    const weights = kernels({ a: [1, 0.9, 0.4, 0.3], b: [0, 0, 0, 0] });
    const attributes = new Map([...twoLayers()].filter(([name]) => name === 'a'));
    const { masks, resources } = await masksOfKernels(weights, attributes, 0.4, costly, { local: true });
    // Costs 3, 3, 2, 1; 6 may stay: 1 + 0.9 are worth more than any other choice.
    expect(masks.get('a')?.join('')).toBe('1100');
    expect(resources).toEqual([6]);
  });

  it('refuses weights that are no numbers', async () => {
    const weights = kernels({ a: [1, Number.NaN, 3, 4], b: [1, 2, 3, 4] });
    await expect(masksOfKernels(weights, twoLayers(), 0.5, parameterObjective)).rejects.toThrow("'a': weight 1 is NaN");
  });
});

describe('applyMasks', () => {
  it('sets kernels to w · mask + offset', () => {
    const model = oneLayer(qDense({ name: 'layer', units: 2 }), [2], (weights) => weights.set([1, 2, 3, 4]));
    const masks = new Map([['layer', Float32Array.from([1, 0, 0, 1])]]);
    const offsets = new Map([['layer', Float32Array.from([0, 0.5, 0, 0])]]);
    applyMasks(model, { masks, offsets });
    const kernel = prunableKernel(model.getLayer('layer'))?.variable;
    expect(Array.from(kernel?.dataSync() ?? [])).toEqual([1, 0.5, 0, 4]);
    expect(() => applyMasks(model, { masks: new Map([['other', new Float32Array(4)]]), offsets })).toThrow(
      "no layer 'other'",
    );
    expect(() => applyMasks(model, { masks: new Map([['layer', new Float32Array(3)]]), offsets })).toThrow(
      '3 numbers for 4 weights',
    );
  });
});
