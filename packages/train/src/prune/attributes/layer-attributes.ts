import type { HardwareAttributes } from './hardware-attributes.ts';
import type { OptimizationAttributes } from './optimization-attributes.ts';
import type { KernelKind } from './structure.ts';

/** What the optimisation has to know about a layer; plain data (hls4ml §1.2). Shapes are without the batch axis. */
export interface LayerAttributes {
  readonly name: string;
  /** Class name: `Dense`, `QConv2DSparse`, … */
  readonly layerType: string;
  /** The kind of kernel that can be pruned; null for layers without one. */
  readonly kind: KernelKind | null;
  /** Names of the layers whose results it takes. */
  readonly inboundLayers: readonly string[];
  /** Shape of the kernel, else of the layer's first weight; empty without weights. */
  readonly weightShape: readonly number[];
  /** Of the first input; unknown sizes are 1. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly optimizable: boolean;
  readonly optimizationAttributes: OptimizationAttributes;
  readonly args: LayerArguments;
}

/** What objectives need beyond shapes. */
export interface LayerArguments {
  readonly hardware?: HardwareAttributes;
  readonly [name: string]: unknown;
}

/** Attributes of a model's layers by name, in the order of the model. */
export type ModelAttributes = ReadonlyMap<string, LayerAttributes>;

/** Attributes with more arguments; those of the same name are replaced. */
export function withArguments(layer: LayerAttributes, more: LayerArguments): LayerAttributes {
  return { ...layer, args: { ...layer.args, ...more } };
}

/** All fields, one a line. */
export function describeLayer(layer: LayerAttributes): string {
  const { args, optimizationAttributes, ...fields } = layer;
  const line = (name: string, value: unknown): string => `${name}: ${JSON.stringify(value)}`;
  return [
    ...Object.entries(fields).map(([name, value]) => line(name, value)),
    ...Object.entries(optimizationAttributes).map(([name, value]) => `  ${line(name, value)}`),
    ...Object.entries(args).map(([name, value]) => `  ${line(name, value)}`),
  ].join('\n');
}
