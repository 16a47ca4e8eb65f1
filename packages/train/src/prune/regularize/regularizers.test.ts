import { qConv2D, qDense } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { randomSource } from '../../data/random.ts';
import { OptionError } from '../../option-error.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import type { KernelKind, Structure } from '../attributes/structure.ts';
import { groupPenalty, type PenaltyOptions, penaltySettings } from './group-penalty.ts';
import { conv2DRegularizer, denseRegularizer } from './group-regularizers.ts';
import { removeCustomRegularizers } from './remove-custom-regularizers.ts';

const shapes = { dense: [4, 6], conv2d: [3, 2, 2, 4] } as const;

function randomWeights(size: number, seed: number): Float32Array {
  const random = randomSource(seed);
  return Float32Array.from({ length: size }, () => random.normal());
}

function penalty(
  kind: KernelKind,
  weights: ArrayLike<number>,
  options: PenaltyOptions,
): ReturnType<typeof groupPenalty> {
  return groupPenalty(kind, shapes[kind], weights, penaltySettings(kind, options, 'test'), 'test');
}

const structures: readonly Structure[] = ['unstructured', 'structured', 'pattern', 'block'];

describe('groupPenalty', () => {
  const cases = structures.flatMap((structure) =>
    (['dense', 'conv2d'] as const).flatMap((kind) =>
      kind === 'conv2d' && structure === 'block' ? [] : ([1, 2] as const).map((norm) => ({ structure, kind, norm })),
    ),
  );

  it.each(cases)('has the slopes of its values: $structure $kind, norm $norm', ({ structure, kind, norm }) => {
    const options = {
      alpha: 0.3,
      beta: 0.7,
      norm,
      structure,
      blockShape: [2, 3],
      patternOffset: 4,
      consecutivePatterns: 2,
    } as const;
    const weights = Float64Array.from(
      randomWeights(
        shapes[kind].reduce<number>((a, b) => a * b, 1),
        3,
      ),
    );
    const { gradient } = penalty(kind, weights, options);
    for (const j of weights.keys()) {
      const at = (step: number): number => {
        const moved = weights.slice();
        moved[j] += step;
        return penalty(kind, moved, options).value;
      };
      expect(gradient[j]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 5);
    }
  });

  it.each(cases)(
    'is flat at zeros, where masks put weights: $structure $kind, norm $norm',
    ({ structure, kind, norm }) => {
      const options = { alpha: 1, beta: 1, norm, structure, blockShape: [2, 3], patternOffset: 4 } as const;
      const zeros = new Float32Array(shapes[kind].reduce<number>((a, b) => a * b, 1));
      const { value, gradient } = penalty(kind, zeros, options);
      expect(value).toBe(0);
      expect(gradient).toEqual(zeros);
    },
  );

  it('is flat at a channel of zeros in a filter that is alive', () => {
    const weights = randomWeights(48, 5);
    // Channel 1 of filter 2.
    for (let tap = 0; tap < 6; tap++) weights[tap * 8 + 4 + 2] = 0;
    const { gradient } = penalty('conv2d', weights, { alpha: 1, structure: 'structured' });
    for (let tap = 0; tap < 6; tap++) expect(gradient[tap * 8 + 6]).toBe(0);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });
});

describe('regularisers of layers', () => {
  it('refuse what makes no sense', () => {
    expect(() => denseRegularizer({ alpha: 1, norm: 3 as 1 })).toThrow('norm 3 is none of 1, 2');
    expect(() => denseRegularizer({ alpha: 1, structure: 'rows' as 'block' })).toThrow("structure 'rows' is none of");
    expect(() => conv2DRegularizer({ alpha: 1, structure: 'block' })).toThrow("'block' needs a matrix");
    expect(() => denseRegularizer({ alpha: -1 })).toThrow(OptionError);
    const matrix = tf.ones([4, 6]);
    expect(() => conv2DRegularizer({ alpha: 1 }).apply(matrix)).toThrow('a conv2d kernel has 4 axes');
    expect(() => denseRegularizer({ alpha: 1, structure: 'pattern', patternOffset: 5 }).apply(matrix)).toThrow(
      'does not divide',
    );
    expect(() => denseRegularizer({ alpha: 1, structure: 'block', blockShape: [3, 2] }).apply(matrix)).toThrow(
      'does not divide',
    );
  });

  const settings = (structure: Structure): PenaltyOptions => ({
    alpha: 0.5,
    beta: 0.5,
    structure,
    ...(structure === 'pattern' && { patternOffset: 4 }),
    ...(structure === 'block' && { blockShape: [4, 4] }),
  });

  /** Norms and variances of groups with and without a regulariser, after some steps with no other loss. */
  async function sizes(kind: KernelKind, structure: Structure, regularised: boolean): Promise<readonly number[]> {
    const given = regularised ? settings(structure) : null;
    const kernelInitializer = tf.initializers.randomUniform({ minval: 0, maxval: 1, seed: 7 });
    const layer =
      kind === 'dense'
        ? tf.layers.dense({
            units: 16,
            kernelInitializer,
            ...(given && { kernelRegularizer: denseRegularizer(given) }),
          })
        : tf.layers.conv2d({
            filters: 4,
            kernelSize: 3,
            kernelInitializer,
            ...(given && { kernelRegularizer: conv2DRegularizer(given) }),
          });
    const input = tf.input({ shape: kind === 'dense' ? [32] : [16, 16, 3] });
    const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    model.compile({
      optimizer: kind === 'dense' ? tf.train.adam(1) : tf.train.adam(),
      loss: (_, y) => tf.mul(tf.mean(y), 0) as tf.Scalar,
    });
    const x = tf.zeros([4, ...(input.shape.slice(1) as number[])]);
    await model.fit(x, tf.zeros([4, ...(model.outputs[0].shape.slice(1) as number[])]), { epochs: 10, verbose: 0 });
    const kernel = prunableKernel(layer)?.variable as tf.Variable;
    const one = (which: 'alpha' | 'beta'): number => {
      const only = { ...settings(structure), alpha: 0, beta: 0, [which]: 1 };
      return groupPenalty(kind, kernel.shape, kernel.dataSync(), penaltySettings(kind, only, 'test'), 'test').value;
    };
    return [one('alpha'), one('beta')];
  }

  it.each(
    structures.flatMap((structure): [KernelKind, Structure][] =>
      structure === 'block'
        ? [['dense', structure]]
        : [
            ['dense', structure],
            ['conv2d', structure],
          ],
    ),
  )('make groups of %s kernels smaller and more alike: %s', async (kind, structure) => {
    const [norm, variance] = await sizes(kind, structure, true);
    const [freeNorm, freeVariance] = await sizes(kind, structure, false);
    expect(norm).toBeLessThan(freeNorm);
    expect(variance).toBeLessThan(freeVariance);
  });

  it('are removed with all weights as they are, others stay', async () => {
    const l2 = tf.regularizers.l2({ l2: 1e-3 });
    const input = tf.input({ shape: [6, 6, 2] });
    let y: ReturnType<tf.layers.Layer['apply']> = qConv2D({
      name: 'c',
      filters: 3,
      kernelSize: 3,
      kernelRegularizer: conv2DRegularizer({ alpha: 0.1 }),
    }).apply(input);
    y = tf.layers.flatten().apply(y);
    y = tf.layers
      .dense({ name: 'd', units: 4, kernelRegularizer: denseRegularizer({ alpha: 0.1 }), biasRegularizer: l2 })
      .apply(y);
    y = qDense({ name: 'e', units: 2, kernelRegularizer: l2 }).apply(y);
    const model = tf.model({ inputs: input, outputs: y as tf.SymbolicTensor });
    const penalties = (of: tf.LayersModel): number[] => of.calculateLosses().map((loss) => loss.dataSync()[0]);
    const free = await removeCustomRegularizers(model);
    expect((free.getLayer('d') as unknown as { kernelRegularizer: unknown }).kernelRegularizer).toBeNull();
    expect(JSON.stringify(free.toJSON(null, false))).not.toContain('Regularizer"');
    expect(penalties(free).length).toBeLessThan(penalties(model).length);
    expect(JSON.stringify(free.toJSON(null, false))).toContain('L1L2');
    const values = (of: tf.LayersModel): number[][] => of.weights.map((weight) => Array.from(weight.read().dataSync()));
    expect(values(free)).toEqual(values(model));
    const image = tf.randomNormal([2, 6, 6, 2], 0, 1, 'float32', 4);
    expect((free.predict(image) as tf.Tensor).dataSync()).toEqual((model.predict(image) as tf.Tensor).dataSync());
    const sequential = tf.sequential({
      layers: [tf.layers.dense({ units: 2, inputShape: [3], kernelRegularizer: denseRegularizer({ alpha: 1 }) })],
    });
    expect((await removeCustomRegularizers(sequential)) instanceof tf.Sequential).toBe(true);
  });
});
