import * as tf from '@tensorflow/tfjs';
import { type ConvAttributes, convGeometry } from './conv-geometry.ts';
import { isDilated, registerDilatedGradient } from './conv-gradient.ts';
import { depthwiseFilterGradient, depthwiseInputGradient } from './depthwise-conv.ts';
import { type HostArray, type HostBackend, type KernelMemory, kernelMemory } from './kernel-memory.ts';
import { segmentSum } from './segment-sum.ts';
import { convolutionFilterGradient, convolutionInputGradient, convolve } from './sparse-conv.ts';

type Inputs = Readonly<Record<string, tf.TensorInfo>>;
type Kernel = (memory: KernelMemory, inputs: Inputs, attributes: unknown) => tf.TensorInfo;

const conv2D: Kernel = (memory, { x, filter }, attributes) => {
  const geometry = convGeometry(x.shape, filter.shape, attributes as ConvAttributes);
  const { info, values } = memory.output(geometry.outShape);
  convolve(memory.read(x), memory.read(filter), values, geometry);
  return info;
};

const conv2DBackpropInput: Kernel = (memory, { dy, filter }, attributes) => {
  const { inputShape } = attributes as { inputShape: readonly number[] };
  const geometry = convGeometry(inputShape, filter.shape, attributes as ConvAttributes);
  const { info, values } = memory.output(inputShape);
  convolutionInputGradient(memory.read(dy), memory.read(filter), values, geometry);
  return info;
};

const conv2DBackpropFilter: Kernel = (memory, { x, dy }, attributes) => {
  const { filterShape } = attributes as { filterShape: readonly number[] };
  const geometry = convGeometry(x.shape, filterShape, attributes as ConvAttributes);
  const { info, values } = memory.output(filterShape);
  convolutionFilterGradient(memory.read(x), memory.read(dy), values, geometry);
  return info;
};

const depthwiseBackpropInput: Kernel = (memory, { dy, filter }, attributes) => {
  const { inputShape } = attributes as { inputShape: readonly number[] };
  const geometry = convGeometry(inputShape, filter.shape, attributes as ConvAttributes, true);
  const { info, values } = memory.output(inputShape);
  depthwiseInputGradient(memory.read(dy), memory.read(filter), values, geometry);
  return info;
};

const depthwiseBackpropFilter: Kernel = (memory, { x, dy }, attributes) => {
  const { filterShape } = attributes as { filterShape: readonly number[] };
  const geometry = convGeometry(x.shape, filterShape, attributes as ConvAttributes, true);
  const { info, values } = memory.output(filterShape);
  depthwiseFilterGradient(memory.read(x), memory.read(dy), values, geometry);
  return info;
};

const unsortedSegmentSum: Kernel = (memory, { x, segmentIds }, attributes) => {
  const { numSegments } = attributes as { numSegments: number };
  const { info, values } = memory.output([numSegments, ...x.shape.slice(segmentIds.shape.length)]);
  segmentSum(memory.read(x), memory.read(segmentIds), values, numSegments);
  return info;
};

/** Largest share of non-zero values for which our loops beat wasm's dense kernels (see bench/conv.bench.ts). */
const sparseForward = 0.05;
const sparseGradient = 0.25;

interface OwnKernel {
  readonly run: Kernel;
  /** Whether our kernel is to run this call although the backend has one of its own; default: always. */
  readonly preferred?: (memory: KernelMemory, inputs: Inputs, attributes: unknown) => boolean;
}

const kernels: Readonly<Record<HostBackend, Readonly<Record<string, OwnKernel>>>> = {
  wasm: {
    Conv2D: { run: conv2D, preferred: (memory, { x }) => density(memory.read(x)) < sparseForward },
    Conv2DBackpropInput: {
      run: conv2DBackpropInput,
      // The stock kernel ignores dilations.
      preferred: (memory, { dy }, attributes) =>
        isDilated(attributes as ConvAttributes) || density(memory.read(dy)) < sparseGradient,
    },
    Conv2DBackpropFilter: { run: conv2DBackpropFilter },
    DepthwiseConv2dNativeBackpropFilter: { run: depthwiseBackpropFilter },
    DepthwiseConv2dNativeBackpropInput: { run: depthwiseBackpropInput },
    UnsortedSegmentSum: { run: unsortedSegmentSum },
  },
  cpu: {
    Conv2D: { run: conv2D },
    Conv2DBackpropFilter: { run: conv2DBackpropFilter },
    Conv2DBackpropInput: { run: conv2DBackpropInput },
    UnsortedSegmentSum: { run: unsortedSegmentSum },
  },
};

function density(values: HostArray): number {
  let nonZero = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) nonZero++;
  return nonZero / values.length;
}

const registered = new Set<HostBackend>();

/**
 * Registers our kernels with tfjs: those that training needs and stock wasm lacks, and convolution loops that skip
 * zeros where they are faster than the stock ones (always on cpu, by the share of non-zero values on wasm). A
 * channels-first convolution on cpu still runs the stock kernel. Idempotent.
 */
export function registerKernels(backend: HostBackend): void {
  if (registered.has(backend)) return;
  registered.add(backend);
  registerDilatedGradient();
  for (const [kernelName, { run, preferred }] of Object.entries(kernels[backend])) {
    const stock = tf.getKernel(kernelName, backend);
    if (stock != null) tf.unregisterKernel(kernelName, backend);
    tf.registerKernel({
      ...stock,
      kernelName,
      backendName: backend,
      kernelFunc: (call) => {
        const memory = kernelMemory(call.backend, backend);
        const inputs = call.inputs as Inputs;
        const channelsFirst = (call.attrs as { dataFormat?: string } | undefined)?.dataFormat === 'NCHW';
        const own = !channelsFirst && (preferred?.(memory, inputs, call.attrs) ?? true);
        return stock == null || own ? run(memory, inputs, call.attrs) : stock.kernelFunc(call);
      },
    });
  }
}
