import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { type ConvAttributes, convGeometry } from './conv-geometry.ts';
import { isDilated, registerDilatedGradient } from './conv-gradient.ts';
import { depthwiseFilterGradient, depthwiseInputGradient } from './depthwise-conv.ts';
import { type ElementwiseOperation, elementwise } from './elementwise.ts';
import { type HostBackend, type KernelMemory, kernelMemory } from './kernel-memory.ts';
import { nonZeros } from './non-zeros.ts';
import { segmentSum } from './segment-sum.ts';
import { convolutionFilterGradient, convolutionInputGradient, convolve } from './sparse-conv.ts';

type Inputs = Readonly<Record<string, tf.TensorInfo>>;

/** Returns nothing to leave the call to the backend's own kernel. */
type Kernel = (memory: KernelMemory, inputs: Inputs, attributes: unknown) => tf.TensorInfo | undefined;

/** @param limit largest share of non-zero inputs, times output channels, for which to take our loop */
const conv2D =
  (limit: number): Kernel =>
  (memory, { x, filter }, attributes) => {
    const geometry = convGeometry(x.shape, filter.shape, attributes as ConvAttributes);
    const active = nonZeros(memory.read(x));
    if (active.length * geometry.outChannels > limit * size(x)) return undefined;
    const { info, values } = memory.output(geometry.outShape);
    convolve(memory.read(x), active, memory.read(filter), values, geometry);
    return info;
  };

/** @param limit largest share of non-zero gradients for which to take our loop */
const conv2DBackpropInput =
  (limit: number): Kernel =>
  (memory, { dy, filter }, attributes) => {
    const { inputShape, ...rest } = attributes as ConvAttributes & { inputShape: readonly number[] };
    const active = nonZeros(memory.read(dy));
    // The stock wasm kernel ignores dilations.
    if (active.length > limit * size(dy) && !isDilated(rest)) return undefined;
    const geometry = convGeometry(inputShape, filter.shape, rest);
    const { info, values } = memory.output(inputShape);
    convolutionInputGradient(memory.read(dy), active, memory.read(filter), values, geometry);
    return info;
  };

const conv2DBackpropFilter: Kernel = (memory, { x, dy }, attributes) => {
  const { filterShape } = attributes as { filterShape: readonly number[] };
  const geometry = convGeometry(x.shape, filterShape, attributes as ConvAttributes);
  const { info, values } = memory.output(filterShape);
  const inputs = memory.read(x);
  convolutionFilterGradient(inputs, nonZeros(inputs), memory.read(dy), values, geometry);
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

const elementwiseKernel =
  (operation: ElementwiseOperation): Kernel =>
  (memory, { a, b }) => {
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
    const { info, values } = memory.output(tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape));
    elementwise(operation, memory.read(a), a.shape, memory.read(b), b.shape, values);
    return info;
  };

const size = (tensor: tf.TensorInfo): number => tf.util.sizeFromShape(tensor.shape);

/**
 * Our kernels by backend. The limits on wasm are where its own dense kernels get faster (bench/conv.bench.ts); its
 * forward kernel works on several output channels at once.
 */
const kernels: Readonly<Record<HostBackend, Readonly<Record<string, Kernel>>>> = {
  wasm: {
    Conv2D: conv2D(0.25),
    Conv2DBackpropInput: conv2DBackpropInput(0.3),
    Conv2DBackpropFilter: conv2DBackpropFilter,
    DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
    DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
    UnsortedSegmentSum: unsortedSegmentSum,
  },
  cpu: {
    Add: elementwiseKernel('Add'),
    Sub: elementwiseKernel('Sub'),
    Multiply: elementwiseKernel('Multiply'),
    RealDiv: elementwiseKernel('RealDiv'),
    Conv2D: conv2D(Number.POSITIVE_INFINITY),
    Conv2DBackpropInput: conv2DBackpropInput(Number.POSITIVE_INFINITY),
    Conv2DBackpropFilter: conv2DBackpropFilter,
    UnsortedSegmentSum: unsortedSegmentSum,
  },
};

const registered = new Set<HostBackend>();

/**
 * Registers our kernels with tfjs: those that training needs and stock wasm lacks, and convolution loops that skip
 * zeros where they are faster than the stock ones (always on cpu, by the share of non-zero values on wasm), and on cpu
 * fast arithmetic. A channels-first convolution on cpu still runs the stock kernel. Idempotent.
 */
export function registerKernels(backend: HostBackend): void {
  if (registered.has(backend)) return;
  registered.add(backend);
  registerDilatedGradient();
  for (const [kernelName, kernel] of Object.entries(kernels[backend])) {
    const stock = tf.getKernel(kernelName, backend);
    if (stock != null) tf.unregisterKernel(kernelName, backend);
    tf.registerKernel({
      ...stock,
      kernelName,
      backendName: backend,
      kernelFunc: (call) => {
        const channelsFirst = (call.attrs as { dataFormat?: string } | undefined)?.dataFormat === 'NCHW';
        if (channelsFirst && stock != null) return stock.kernelFunc(call);
        const memory = kernelMemory(call.backend, backend);
        const inputs = call.inputs as Inputs;
        // A tensor from another backend moves here when it is first read: not while a view of an output is held.
        for (const input of Object.values(inputs)) memory.read(input);
        const info = kernel(memory, inputs, call.attrs);
        if (info != null) return info;
        if (stock == null) throw new LayerError(`${kernelName}: no kernel on the ${backend} backend.`);
        return stock.kernelFunc(call);
      },
    });
  }
}
