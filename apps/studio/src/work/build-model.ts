import {
  averagePooling2DSparse,
  inputReduce,
  layerConfigScope,
  maxPooling2DSparse,
  qConv2DSparse,
  qDense,
  quantizer,
  quantizerConfigScope,
  sparseFlatten,
} from '@sp/layers';
import type { Format } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { type ImagesLike, type LayerSpec, type NetworkSpec, unitsOf } from '../project/network.ts';
import { betaMaskedE, convBiases, tauThreshold } from '../project/recipe.ts';

/** What a model is built for. */
export interface ModelContext extends ImagesLike {
  /** Format of the pixels: `pixelFormat(train)`. */
  readonly inputFormat: Format;
  /** Decides the initial weights. */
  readonly seed: number;
}

/**
 * Builds the tfjs model of a network, with the recipe of the command line's example: all formats are learned and saturate, activations have one per
 * channel on the sparse path and one per tensor behind it. `runScript` prints the same as code.
 */
export function buildModel(network: NetworkSpec, context: ModelContext): tf.LayersModel {
  const { inputFormat } = context;
  return layerConfigScope({ beta0: network.beta }, () =>
    quantizerConfigScope({ place: 'all', overflowMode: 'SAT_SYM' }, () =>
      quantizerConfigScope({ place: 'datalane', overflowMode: 'SAT' }, () => {
        const input = tf.input({ shape: [...context.shape], name: 'image' });
        const config = {
          k0: inputFormat.k === 1,
          i0: inputFormat.i,
          f0: inputFormat.f,
          heterogeneousAxis: [],
          trainable: false,
        };
        let value = quantizer({ name: 'pixels', config }).apply(input) as tf.SymbolicTensor;
        let mask: tf.SymbolicTensor | undefined;
        for (const [index, layer] of network.layers.entries()) {
          const before = network.layers.slice(0, index).filter(isWeighted);
          const k0 = before.length === 0 ? inputFormat.k === 1 : !before.at(-1)?.relu;
          [value, mask] = applied(layer, value, mask, { ...context, weighted: before.length, k0 });
        }
        return tf.model({ inputs: input, outputs: value, name: 'network' });
      }),
    ),
  );
}

/** Whether a layer has weights. */
function isWeighted(layer: LayerSpec): layer is Extract<LayerSpec, { readonly kind: 'conv' | 'dense' }> {
  return layer.kind === 'conv' || layer.kind === 'dense';
}

interface LayerContext extends ModelContext {
  /** Layers with weights before this one. */
  readonly weighted: number;
  /** Whether its inputs can be negative. */
  readonly k0: boolean;
}

type Values = [value: tf.SymbolicTensor, mask: tf.SymbolicTensor | undefined];

function applied(
  layer: LayerSpec,
  value: tf.SymbolicTensor,
  mask: tf.SymbolicTensor | undefined,
  context: LayerContext,
): Values {
  const { k0, weighted } = context;
  const kernelInitializer = tf.initializers.glorotUniform({ seed: context.seed * 16 + weighted });
  const both = [value, mask] as tf.SymbolicTensor[];
  switch (layer.kind) {
    case 'reduce': {
      const { name, n, threshold, learn, betaN } = layer;
      const learned = { learnN: learn, learnThreshold: learn };
      return inputReduce({ name, n, threshold, betaN, betaMaskedE, tauThreshold, ...learned }).apply(value) as Values;
    }
    case 'conv': {
      const { name, filters, kernel, relu, bits, weightBits, beta } = layer;
      const conv = qConv2DSparse({
        name,
        filters,
        kernelSize: kernel,
        activation: relu ? 'relu' : 'linear',
        kernelInitializer,
        biasInitializer: tf.initializers.constant({ value: weighted === 0 ? convBiases.first : convBiases.others }),
        iqConf: { k0, i0: 1, f0: bits, heterogeneousAxis: [-1] },
        kqConf: { b0: weightBits },
        ...(beta === null ? {} : { beta0: beta }),
      });
      return [conv.apply(both) as tf.SymbolicTensor, mask];
    }
    case 'pool': {
      const pool = layer.mode === 'max' ? maxPooling2DSparse : averagePooling2DSparse;
      return pool({ name: layer.name, poolSize: layer.size }).apply(both) as Values;
    }
    case 'flatten':
      return [sparseFlatten({ name: layer.name }).apply(both) as tf.SymbolicTensor, undefined];
    case 'dense': {
      const { name, relu, bits, weightBits, beta } = layer;
      const dense = qDense({
        name,
        units: unitsOf(layer, context),
        activation: relu ? 'relu' : 'linear',
        kernelInitializer,
        iqConf: { k0, i0: 1, f0: bits, heterogeneousAxis: [] },
        kqConf: { b0: weightBits },
        ...(beta === null ? {} : { beta0: beta }),
      });
      return [dense.apply(value) as tf.SymbolicTensor, undefined];
    }
    default:
      throw new Error(`unknown layer ${JSON.stringify(layer satisfies never)}`);
  }
}
