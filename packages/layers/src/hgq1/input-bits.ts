import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import type { Shape } from '../layers/q-layer.ts';
import { QPooling } from '../layers/q-pooling.ts';
import { HLayer } from './h-layer.ts';
import { Signature } from './signature.ts';

/**
 * Bit counts `[1, …]` of the values a layer is given: those of the layer in front, through layers without arithmetic of
 * their own (hgq1 §2.1, §2.9).
 *
 * @throws LayerError when they come from a layer that has none
 */
export function inputBits(layer: tf.layers.Layer, exact: boolean): tf.Tensor {
  return bitsOf(layer.inboundNodes[0].inputTensors[0], layer.name, exact);
}

function bitsOf(symbolic: tf.SymbolicTensor, asker: string, exact: boolean): tf.Tensor {
  const layer = symbolic.sourceLayer;
  if (layer instanceof HLayer) return outputBits(layer, exact);
  if (layer instanceof Signature) return tf.tensor(layer.widths(), [...layer.bitsShape], 'float32');
  if (layer instanceof tf.LayersModel) {
    const use = layer.inboundNodes.findIndex((node) => node.outputTensors.includes(symbolic));
    const index = layer.inboundNodes[use].outputTensors.indexOf(symbolic);
    return bitsOf(layer.outputs[index], asker, exact);
  }
  const inputs = layer.inboundNodes[0].inputTensors;
  const source = (): tf.Tensor => bitsOf(inputs[0], asker, exact);
  const shape = [1, ...(symbolic.shape.slice(1) as number[])];
  if (layer instanceof QPooling) return pooledBits(layer, source(), shape);
  switch (layer.getClassName()) {
    case 'Flatten':
    case 'Reshape':
      return tf.reshape(source(), shape);
    case 'Dropout':
      return source();
    case 'Permute': {
      const { dims } = layer.getConfig() as unknown as { readonly dims: readonly number[] };
      return tf.transpose(source(), [0, ...dims]);
    }
    case 'Concatenate': {
      const { axis } = layer.getConfig() as { readonly axis: number };
      return tf.concat(
        inputs.map((input) => bitsOf(input, asker, exact)),
        axis < 0 ? axis + shape.length : axis,
      );
    }
    default:
      throw new LayerError(
        `Layer '${asker}': the bits of its input are not known: it comes from '${layer.name}' (${layer.getClassName()}). ` +
          'Put hQuantize or signature behind the model input, and only H- and P-layers after it.',
        { layer: asker },
      );
  }
}

function outputBits(layer: HLayer, exact: boolean): tf.Tensor {
  if (!exact) return layer.paq.approximate(layer.bitsShape, layer.positiveOnly);
  const { k, i, f } = layer.paq.exact(layer.positiveOnly);
  const widths = Float32Array.from(k, (sign, j) => sign + i[j] + f[j]);
  return tf.broadcastTo(tf.tensor(widths, [...layer.paq.shape], 'float32'), [...layer.bitsShape]);
}

/** Largest bits under every window. */
function pooledBits(layer: QPooling, bits: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const padding = layer.padding as 'valid' | 'same';
  if (layer.rank === 2) {
    return tf.maxPool(
      bits as tf.Tensor4D,
      [...layer.poolSize] as [number, number],
      [...layer.strides] as [number, number],
      padding,
    );
  }
  const [, length, channels] = bits.shape;
  const image = tf.reshape(bits, [1, 1, length as number, channels as number]) as tf.Tensor4D;
  const pooled = tf.maxPool(image, [1, layer.poolSize[0]], [1, layer.strides[0]], padding);
  return tf.reshape(pooled, [...shape] as Shape as number[]);
}
