import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { qConv1D } from './q-conv1d.ts';
import { qConv2D } from './q-conv2d.ts';
import { qConv2DBatchNorm } from './q-conv2d-batch-norm.ts';
import { qConv2DSparse } from './q-conv2d-sparse.ts';
import { qDense } from './q-dense.ts';
import { qDenseBatchNorm } from './q-dense-batch-norm.ts';
import { qEinsumDense } from './q-einsum-dense.ts';
import { registerLayers } from './register-layers.ts';

beforeAll(async () => {
  await setBackend('cpu');
  registerLayers();
});

const ones = tf.initializers.ones();
const common = { enableEbops: false, kernelInitializer: ones, biasInitializer: ones } as const;

/** Every layer with a kernel, with a shape it takes and the number of its kernel's elements. */
const layers = {
  qConv1D: [(args: object) => qConv1D({ ...common, filters: 2, kernelSize: 3, ...args }), [[5, 1]], 6],
  qConv2D: [(args: object) => qConv2D({ ...common, filters: 2, kernelSize: 3, ...args }), [[5, 5, 1]], 18],
  qConv2DBatchNorm: [
    (args: object) => qConv2DBatchNorm({ ...common, filters: 2, kernelSize: 3, ...args }),
    [[5, 5, 1]],
    18,
  ],
  qConv2DSparse: [
    (args: object) => qConv2DSparse({ ...common, filters: 2, kernelSize: 3, ...args }),
    [
      [5, 5, 1],
      [5, 5, 1],
    ],
    18,
  ],
  qDense: [(args: object) => qDense({ ...common, units: 2, ...args }), [[4]], 8],
  qDenseBatchNorm: [(args: object) => qDenseBatchNorm({ ...common, units: 2, ...args }), [[4]], 8],
  qEinsumDense: [
    (args: object) => qEinsumDense({ ...common, equation: 'ab,bc->ac', outputShape: 2, biasAxes: 'c', ...args }),
    [[4]],
    8,
  ],
} as const;

function built(name: keyof typeof layers, args: object) {
  const [make, shapes] = layers[name];
  const layer = make(args);
  const inputs = shapes.map((shape) => tf.input({ shape: [...shape] }));
  const output = layer.apply(inputs.length === 1 ? inputs[0] : inputs) as tf.SymbolicTensor;
  return { layer, model: tf.model({ inputs, outputs: output }) };
}

describe.each(Object.keys(layers) as (keyof typeof layers)[])('%s', (name) => {
  const elements = layers[name][2];

  it('adds what its regularizers say about the weights before quantisation to the loss', () => {
    const { model } = built(name, {
      kernelRegularizer: tf.regularizers.l2({ l2: 0.5 }),
      biasRegularizer: tf.regularizers.l1({ l1: 0.25 }),
      kqConf: { qType: 'kbi', b0: 2, i0: -3 },
    });
    const losses = model.calculateLosses().map((loss) => loss.dataSync()[0]);
    expect(losses.reduce((sum, loss) => sum + loss, 0)).toBeCloseTo(0.5 * elements + 0.25 * 2, 5);
  });

  it('keeps weights within their constraints, whoever writes them', () => {
    const { layer } = built(name, {
      kernelConstraint: tf.constraints.nonNeg(),
      biasConstraint: tf.constraints.maxNorm({ maxValue: 1, axis: 0 }),
    });
    const bias = layer.bias?.read() as tf.Variable;
    expect(Math.hypot(...bias.dataSync())).toBeCloseTo(1, 5);
    const kernel = layer.kernel.read() as tf.Variable;
    kernel.assign(tf.linspace(-1, 1, elements).reshape(kernel.shape));
    const values = [...kernel.dataSync()];
    expect(Math.min(...values)).toBe(0);
    expect(Math.max(...values)).toBeCloseTo(1, 6);
  });

  it('is the same again after saving', () => {
    const { layer } = built(name, {
      kernelRegularizer: tf.regularizers.l1l2({ l1: 0.5, l2: 0.25 }),
      biasRegularizer: 'l1l2',
      kernelConstraint: 'unitNorm',
      biasConstraint: tf.constraints.minMaxNorm({ minValue: 0, maxValue: 2, rate: 1, axis: 0 }),
    });
    const layerClass = layer.constructor as never as typeof tf.layers.Layer;
    const config = JSON.parse(JSON.stringify(layer.getConfig()));
    expect(layerClass.fromConfig(layerClass as never, config).getConfig()).toEqual(layer.getConfig());
    expect(config.kernelRegularizer).toEqual({ className: 'L1L2', config: { l1: 0.5, l2: 0.25 } });
    expect(config.biasConstraint).toMatchObject({ className: 'MinMaxNorm' });
  });

  it('refuses names that tfjs does not know', () => {
    expect(() => layers[name][0]({ kernelRegularizer: 'orthogonal' })).toThrow(
      /unknown kernelRegularizer 'Orthogonal'/,
    );
    expect(() => layers[name][0]({ biasConstraint: 'odd' })).toThrow(/unknown biasConstraint 'Odd'.*tf\.constraints/);
  });
});

it('does not change values that satisfy the constraint up to rounding, so that loading is exact', () => {
  const { layer } = built('qDense', { kernelConstraint: tf.constraints.unitNorm({ axis: 0 }) });
  const kernel = layer.kernel.read() as tf.Variable;
  kernel.assign(tf.randomNormal(kernel.shape, 0, 1, 'float32', 7));
  const before = kernel.dataSync().slice();
  kernel.assign(tf.tensor(before, kernel.shape));
  expect(kernel.dataSync()).toEqual(before);
});
