import * as tf from '@tensorflow/tfjs';

type GradientConfig = Parameters<typeof tf.registerGradient>[0];

const comparisons = ['LogicalAnd', 'LogicalOr', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual'];

/** Comparisons change nothing: gradients of maxima and clipped values contain them, and ask for theirs when differentiated again. */
const flat: readonly GradientConfig[] = [
  ...comparisons.map(
    (kernelName): GradientConfig => ({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (_dy, [a, b]) => ({ a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) }),
    }),
  ),
  { kernelName: 'LogicalNot', inputsToSave: ['x'], gradFunc: (_dy, [x]) => ({ x: () => tf.zeros(x.shape) }) },
];

/**
 * Gradients from inputs. Those of TensorFlow.js are computed from outputs, which it takes for constants when it differentiates them again: second
 * derivatives would be wrong without a word.
 */
const fromInputs: readonly GradientConfig[] = [
  elementwise('Exp', (x) => tf.exp(x)),
  elementwise('Tanh', (x) => tf.sub(1, tf.square(tf.tanh(x)))),
  elementwise('Sigmoid', (x) => tf.mul(tf.sigmoid(x), tf.sub(1, tf.sigmoid(x)))),
  elementwise('Elu', (x) => tf.where(tf.greater(x, 0), tf.onesLike(x), tf.exp(tf.minimum(x, 0)))),
  {
    kernelName: 'Softmax',
    inputsToSave: ['logits'],
    gradFunc: (dy, [logits], attributes) => {
      const axis = Number((attributes as unknown as { readonly dim?: number }).dim ?? -1);
      const y = tf.softmax(logits, axis);
      const weighted = tf.mul(dy as tf.Tensor, y);
      return { logits: () => tf.sub(weighted, tf.mul(tf.sum(weighted, axis, true), y)) };
    },
  },
];

function elementwise(kernelName: string, slope: (x: tf.Tensor) => tf.Tensor): GradientConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, slope(x)) }),
  };
}

/** Runs `compute` with gradients that can be differentiated again, and puts those of TensorFlow.js back. */
export function withSecondDerivatives<T>(compute: () => T): T {
  const own = [...flat, ...fromInputs];
  const before = own.map(({ kernelName }) => tf.getGradient(kernelName));
  const replace = (kernelName: string, config: GradientConfig | null | undefined): void => {
    if (tf.getGradient(kernelName) != null) tf.unregisterGradient(kernelName);
    if (config != null) tf.registerGradient(config);
  };
  try {
    for (const config of own) replace(config.kernelName, config);
    return compute();
  } finally {
    for (const [j, { kernelName }] of own.entries()) replace(kernelName, before[j]);
  }
}
