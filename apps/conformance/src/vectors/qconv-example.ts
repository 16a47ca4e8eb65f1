import { type QConv2D, qConv2D, quantizerConfigScope } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { absolute, type Check, missing } from '../parity/compare.ts';

/** `qconv_example` of a vectors file: one step of a QConv2D with everything that can be seen of it (hgq2 §7.4). */
export interface QConvExample {
  readonly x: readonly (readonly number[])[];
  readonly kernel: readonly (readonly number[])[];
  readonly bias: number;
  readonly beta: number;
  readonly qkernel: readonly (readonly number[])[];
  readonly qbias: number;
  readonly y: number;
  readonly iq_i: readonly number[];
  readonly iq_k: readonly number[];
  readonly iq_bits: readonly number[];
  readonly ebops: number;
  readonly grad_sum_y_plus_losses: Readonly<Record<string, number | readonly number[]>>;
}

const group = 'qconv_example';
/** Recorded gradients have 10 digits after the point. */
const gradientLimit = 2e-9;

/** Repeats the example: traced formats, quantised weights, output, EBOPs and every gradient. */
export function checkQConvExample(example: QConvExample): readonly Check[] {
  return tf.tidy(() => {
    const layer = builtLayer(example);
    const { x, qkernel, qbias, y, ebops, iq_i, iq_k, iq_bits } = example;
    const image = tf.tensor(x as number[][]).reshape([1, x.length, x[0].length, 1]);
    layer.iq?.resetRange();
    layer.apply(image, { tracing: true });
    const formats = layer.iq?.formats(true);
    const quantised = (role: 'kq' | 'bq', weight: tf.LayerVariable | null): ArrayLike<number> =>
      weight == null ? [] : (layer[role]?.call(weight.read(), 'inference').dataSync() ?? []);
    return [
      absolute(group, 'input integer bits', formats?.i ?? [], iq_i, 0),
      absolute(group, 'input signs', formats?.k ?? [], iq_k, 0),
      absolute(group, 'input widths', layer.iq?.bits().values ?? [], iq_bits, 0),
      absolute(group, 'quantised kernel', quantised('kq', layer.kernel), qkernel.flat(), 0),
      absolute(group, 'quantised bias', quantised('bq', layer.bias), [qbias], 0),
      absolute(group, 'output', (layer.apply(image) as tf.Tensor).dataSync(), [y], 0),
      absolute(group, 'EBOPs', [layer.ebops], [ebops], 0),
      ...gradientChecks(layer, image, example.grad_sum_y_plus_losses),
    ] as unknown as tf.TensorContainer;
  }) as unknown as readonly Check[];
}

function builtLayer({ x, kernel, bias, beta }: QConvExample): QConv2D {
  const kernelSize = [kernel.length, kernel[0].length];
  const layer = quantizerConfigScope({ place: ['weight', 'bias'], defaultQType: 'kbi', overflowMode: 'SAT_SYM' }, () =>
    qConv2D({ filters: 1, kernelSize, beta0: beta }),
  );
  layer.apply(tf.input({ shape: [x.length, x[0].length, 1] }));
  layer.kernel.write(tf.tensor(kernel as number[][]).reshape([...kernelSize, 1, 1]));
  layer.bias?.write(tf.tensor([bias]));
  return layer;
}

/** Gradients of the summed output plus all loss terms; recorded names are like `kq_b`. */
function gradientChecks(
  layer: QConv2D,
  image: tf.Tensor,
  recorded: QConvExample['grad_sum_y_plus_losses'],
): readonly Check[] {
  const variables = new Map(
    layer.trainableWeights.map((weight) => [
      weight.originalName.replace(`${layer.name}/`, '').replace('/', '_'),
      weight.read() as tf.Variable,
    ]),
  );
  const { grads } = tf.variableGrads(
    () =>
      tf.addN([tf.sum(layer.apply(image, { training: true }) as tf.Tensor), ...layer.calculateLosses()]) as tf.Scalar,
    [...variables.values()],
  );
  return Object.entries(recorded).map(([name, values]) => {
    const variable = variables.get(name);
    if (variable == null) return missing(group, `gradient of ${name}`);
    return absolute(group, `gradient of ${name}`, grads[variable.name].dataSync(), [values].flat(), gradientLimit);
  });
}
