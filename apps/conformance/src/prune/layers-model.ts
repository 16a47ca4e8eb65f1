import { setVariable } from '@sp/layers/internal';
import { qkerasConv2D, qkerasDense } from '@sp/layers/qkeras';
import { prunableKernel } from '@sp/train/prune';
import * as tf from '@tensorflow/tfjs';
import { FixtureError, type FixtureTensor } from '../legacy/fixture.ts';

/** A layer of which class, kernel and input are known. */
export interface RecordedLayer {
  readonly name: string;
  readonly className: string;
  readonly kernel: FixtureTensor;
  /** Without the batch axis. */
  readonly inputShape: readonly number[];
}

/** A model of these layers, each behind an input of its own: what is between them is not recorded. */
export function layersModel(layers: readonly RecordedLayer[], where: string): tf.LayersModel {
  const inputs = layers.map(({ inputShape }) => tf.input({ shape: [...inputShape] }));
  const outputs = layers.map((layer, j) => makeLayer(layer, where).apply(inputs[j]) as tf.SymbolicTensor);
  const model = tf.model({ inputs, outputs });
  for (const { name, kernel } of layers) {
    const found = prunableKernel(model.getLayer(name));
    if (found === null || found.variable.shape.join() !== kernel.shape.join()) {
      throw new FixtureError(`${where}.${name}.weight`, `of shape [${found?.variable.shape ?? ''}]`);
    }
    setVariable(found.variable, kernel.data);
  }
  return model;
}

function makeLayer({ name, className, kernel: { shape } }: RecordedLayer, where: string): tf.layers.Layer {
  const units = shape[shape.length - 1];
  const kernelSize = [shape[0], shape[1]] as [number, number];
  switch (className) {
    case 'Dense':
      return tf.layers.dense({ name, units });
    case 'QDense':
      return qkerasDense({ name, units, kernelQuantizer: 'quantized_bits(8,0,1,alpha=1)' });
    case 'Conv2D':
      return tf.layers.conv2d({ name, filters: units, kernelSize });
    case 'QConv2D':
      return qkerasConv2D({ name, filters: units, kernelSize, kernelQuantizer: 'quantized_bits(8,0,1,alpha=1)' });
    default:
      throw new FixtureError(`${where}.${name}.class`, 'one of Dense, QDense, Conv2D, QConv2D');
  }
}
