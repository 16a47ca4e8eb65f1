import { ceilLog2 } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { layerOutputs } from '../model/layer-outputs.ts';
import { allLayers } from '../model/walk.ts';
import { QKerasAffine } from './qkeras-affine.ts';

/** Smallest and largest input of a layer. */
export type InputRange = readonly [min: number, max: number];

/** How large the sums of a layer get. */
export interface AccumulatorRow {
  readonly layer: string;
  /** Largest magnitude of a sum. */
  readonly largest: number;
  /** `⌈log₂ largest⌉`: integer bits without the sign; 0 for a layer whose sums are all 0. */
  readonly bits: number;
}

/**
 * QKeras' `analyze_accumulator`: for every layer with a kernel the largest sum that inputs from the given range can reach:
 * positive weights with the largest input and negative ones with the smallest, or the other way round, and the bias.
 * Weights count as quantised. Upstream multiplies the bias by the input too, and looks at as many channels as the kernel's
 * second dimension has, which is wrong for convolutions.
 *
 * @param ranges of the inputs by layer name
 * @throws LayerError for a layer without range, or a separable convolution, which has two sums: use `widthReport`
 */
export function analyzeAccumulator(
  model: tf.LayersModel,
  ranges: Readonly<Record<string, InputRange>>,
): readonly AccumulatorRow[] {
  return affineLayers(model).map((layer) => {
    const range = ranges[layer.name];
    if (range == null) {
      throw new LayerError(
        `analyzeAccumulator: no range for the inputs of layer '${layer.name}'; give { '${layer.name}': [min, max] }.`,
        { layer: layer.name },
      );
    }
    return rowOf(layer.name, reachOf(layer, range));
  });
}

/**
 * QKeras' `analyze_accumulator_from_sample`.
 *
 * @param mode `'conservative'` (default): the worst case of the range of inputs that the sample has; `'sampled'`: the largest
 *   result that the sample has, behind the layer's activation
 */
export function analyzeAccumulatorFromSample(
  model: tf.LayersModel,
  sample: tf.Tensor | tf.Tensor[],
  mode: 'conservative' | 'sampled' = 'conservative',
): readonly AccumulatorRow[] {
  if (mode !== 'conservative' && mode !== 'sampled') {
    throw new LayerError(`analyzeAccumulatorFromSample: mode = '${mode}'; expected 'conservative' or 'sampled'.`, {
      option: 'mode',
      value: mode,
    });
  }
  const outputs = layerOutputs(model, sample);
  const valuesOf = (name: string): ArrayLike<number> => outputs.get(name)?.values ?? [];
  if (mode === 'sampled') {
    return affineLayers(model).map(({ name }) => {
      const [low, high] = rangeOf(valuesOf(name));
      return rowOf(name, Math.max(-low, high));
    });
  }
  const inputs = [sample].flat();
  const ranges = affineLayers(model).map((layer): [string, InputRange] => {
    const [input] = layer.inboundNodes[0].inputTensors;
    const which = model.inputs.findIndex(({ id }) => id === input.id);
    const values = which < 0 ? valuesOf(input.sourceLayer.name) : inputs[which].dataSync<'float32'>();
    return [layer.name, rangeOf(values)];
  });
  return analyzeAccumulator(model, Object.fromEntries(ranges));
}

function affineLayers(model: tf.LayersModel): readonly QKerasAffine[] {
  const layers = allLayers(model).filter((layer): layer is QKerasAffine => layer instanceof QKerasAffine);
  const separable = layers.find(({ kind }) => kind.startsWith('Separable'));
  if (separable != null) {
    throw new LayerError(
      `Layer '${separable.name}': a separable convolution has two sums. Use widthReport(toProxyModel(model)), which has both exactly.`,
      { layer: separable.name },
    );
  }
  return layers;
}

function reachOf(layer: QKerasAffine, [min, max]: InputRange): number {
  const read = (weight: 'kernel' | 'depthwise_kernel' | 'bias'): { data: Float32Array; channels: number } => {
    const tensor = tf.tidy(() => layer.quantised(weight).clone());
    const data = tensor.dataSync<'float32'>().slice();
    const last = tensor.shape.at(-1) as number;
    const channels = weight === 'depthwise_kernel' ? last * (tensor.shape.at(-2) as number) : last;
    tensor.dispose();
    return { data, channels };
  };
  const { data, channels } = read(layer.kind === 'DepthwiseConv2D' ? 'depthwise_kernel' : 'kernel');
  const bias = layer.useBias ? read('bias').data : new Float32Array(channels);
  const [positive, negative] = [new Float64Array(channels), new Float64Array(channels)];
  data.forEach((w, j) => {
    if (w > 0) positive[j % channels] += w;
    else negative[j % channels] += w;
  });
  // Borders of zeros, and sums that have only begun.
  const [high, low] = [Math.max(0, max), Math.min(0, min)];
  let largest = 0;
  for (let c = 0; c < channels; c++) {
    const up = positive[c] * high + negative[c] * low + bias[c];
    const down = -(negative[c] * high + positive[c] * low + bias[c]);
    largest = Math.max(largest, up, down);
  }
  return largest;
}

function rowOf(layer: string, largest: number): AccumulatorRow {
  return { layer, largest, bits: largest === 0 ? 0 : ceilLog2(largest) };
}

function rangeOf(values: ArrayLike<number>): InputRange {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let j = 0; j < values.length; j++) {
    if (values[j] < low) low = values[j];
    if (values[j] > high) high = values[j];
  }
  return [low, high];
}
