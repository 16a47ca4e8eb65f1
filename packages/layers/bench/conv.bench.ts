import * as tf from '@tensorflow/tfjs';
import { bench, describe } from 'vitest';
import { setBackend } from '../src/backend/set-backend.ts';

/** Forward and backward of one convolution at batch 128, over kernel size, channels and active pixels. */
const cases = [
  { size: 28, kernel: 3, from: 1, to: 3, active: 20 },
  { size: 32, kernel: 7, from: 1, to: 1, active: 20 },
  { size: 32, kernel: 5, from: 3, to: 3, active: 20 },
  { size: 63, kernel: 7, from: 1, to: 3, active: 40 },
  { size: 63, kernel: 7, from: 3, to: 3, active: 40 },
  { size: 28, kernel: 3, from: 3, to: 3, active: 784 },
];
const batch = 128;

await setBackend('wasm');

for (const { size, kernel, from, to, active } of cases) {
  describe(`${size}×${size} k${kernel} ${from}→${to}, ${active} active pixels`, () => {
    const x = map(size, from, active);
    const dy = map(size, to, active);
    const filter = tf.randomNormal<tf.Rank.R4>([kernel, kernel, from, to], 0, 1, 'float32', 3);
    const attributes = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
    const run = (name: string, inputs: tf.NamedTensorMap, extra: tf.NamedAttrMap) => () => {
      tf.tidy(() => void tf.engine().runKernel(name, inputs, { ...attributes, ...extra }));
    };
    bench('forward', run('Conv2D', { x, filter }, {}));
    bench('input gradient', run('Conv2DBackpropInput', { dy, filter }, { inputShape: x.shape }));
    bench('kernel gradient', run('Conv2DBackpropFilter', { x, dy }, { filterShape: filter.shape }));
  });
}

/** A batch of images whose first channels-last values are non-zero on `active` pixels spread evenly. */
function map(size: number, channels: number, active: number): tf.Tensor4D {
  const values = new Float32Array(batch * size * size * channels);
  for (let image = 0; image < batch; image++) {
    for (let n = 0; n < active; n++) {
      const pixel = image * size * size + Math.floor((n * size * size) / active);
      for (let c = 0; c < channels; c++) values[pixel * channels + c] = 1 + ((n + c) % 7) / 8;
    }
  }
  return tf.tensor4d(values, [batch, size, size, channels]);
}
