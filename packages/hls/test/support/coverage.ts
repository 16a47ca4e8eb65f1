/** What a random case exercises, in words, and what all cases together have to. */
import type { GraphNode } from '@sp/quant';
import { OVERFLOW_MODES, ROUND_MODES } from '@sp/quant/internal';
import type { LayerOptions } from '../../src/index.ts';
import { kernels } from '../../src/kernels/registry.ts';
import type { RandomCase } from './random-case.ts';

const STRATEGIES = ['auto', 'latency', 'resource', 'resource_unrolled', 'distributed_arithmetic'];

/** Everything that the cases of a full run must draw at least once: every kind of node and every option of every kind. */
export const WANTED: readonly string[] = [
  ...[...kernels.keys()].map((op) => `node ${op}`),
  ...['dense', 'conv1d', 'conv2d'].flatMap((op) => [
    ...STRATEGIES.map((strategy) => `${op} strategy ${strategy}`),
    `${op} reuseFactor`,
    `${op} bias`,
    `${op} no bias`,
  ]),
  ...['conv1d', 'conv2d', 'pool1d', 'pool2d', 'sparseConv2d', 'einsum'].map((op) => `${op} parallelizationFactor`),
  ...['conv1d', 'conv2d', 'pool1d', 'pool2d'].flatMap((op) => [`${op} padded`, `${op} strided`]),
  ...['sparseConv2d', 'sparsePool2d'].map((op) => `${op} pixelParallelFactor`),
  'sparseConv2d filtParallelFactor',
  'sparsePool2d chanParallelFactor',
  'sparseFlatten parallelFactor',
  ...['auto', 'pairs', 'gather'].map((name) => `sparseConv2d convArchitecture ${name}`),
  ...['tree', 'stream', 'prefix'].map((name) => `reduce variant ${name}`),
  ...['pool1d', 'pool2d', 'sparsePool2d'].flatMap((op) => [`${op} avg`, `${op} max`]),
  'conv2d grouped',
  'conv2d dilated',
  'reduce several channels',
  'reduce threshold below 0',
  'reduce one slot',
  'sparseConv2d rectangular kernel',
  'sparseConv2d after a pool',
  'sparsePool2d rectangular',
  'sparsePool2d cut border',
  'argmax index',
  'argmax oneHot',
  'lut several tables',
  ...['auto', 'dataflow', 'pipeline'].map((name) => `pipelineStyle ${name}`),
  'output list',
  'several inputs',
  'several outputs',
  'more than 32 bits',
  'more than 64 bits',
  ...['input', 'requantize'].flatMap((op) => [
    ...ROUND_MODES.map((mode) => `${op} ${mode}`),
    ...OVERFLOW_MODES.map((mode) => `${op} ${mode}`),
  ]),
];

/** What of `WANTED`, and more, a case exercises. */
export function exercised({ graph, config }: RandomCase): Set<string> {
  const found = new Set<string>();
  for (const node of graph.nodes) {
    found.add(`node ${node.op}`);
    for (const trait of traitsOf(node, graph.nodes)) found.add(trait);
    for (const [key, value] of Object.entries(config.layerName?.[node.name] ?? {}) as [keyof LayerOptions, unknown][]) {
      if (typeof value === 'string') found.add(`${node.op} ${key} ${value}`);
      // A factor that is drawn but stands for "all at once", or for "no reuse", exercises nothing.
      else if (key === 'reuseFactor' ? value !== 1 : value !== wholeOf(key, node, graph.nodes))
        found.add(`${node.op} ${key}`);
    }
    const bits = Math.max(...node.format.k.map((k, j) => k + node.format.i[j] + node.format.f[j]));
    if (bits > 32) found.add('more than 32 bits');
    if (bits > 64) found.add('more than 64 bits');
  }
  found.add(`pipelineStyle ${config.model?.pipelineStyle ?? 'auto'}`);
  if (graph.nodes.filter(({ op }) => op === 'input').length > 1) found.add('several inputs');
  if (graph.outputs.length > 1) found.add('several outputs');
  if (graph.outputs.some((name) => graph.nodes.find((node) => node.name === name)?.slots !== undefined))
    found.add('output list');
  return found;
}

function traitsOf(node: GraphNode, nodes: readonly GraphNode[]): string[] {
  const { op } = node;
  switch (op) {
    case 'input':
    case 'requantize':
      return [`${op} ${node.round ?? 'TRN'}`, `${op} ${node.overflow ?? 'WRAP'}`];
    case 'dense':
      return [`${op} ${node.bias === undefined ? 'no bias' : 'bias'}`];
    case 'conv1d':
    case 'conv2d': {
      const traits = [`${op} ${node.bias === undefined ? 'no bias' : 'bias'}`];
      if (node.groups > 1) traits.push(`${op} grouped`);
      if ([node.dilation].flat().some((step) => step > 1)) traits.push(`${op} dilated`);
      return [...traits, ...windowTraits(node)];
    }
    case 'pool1d':
    case 'pool2d':
      return [`${op} ${node.mode}`, ...windowTraits(node)];
    case 'reduce': {
      const traits = [];
      if (node.shape[2] > 1) traits.push('reduce several channels');
      if (node.threshold < 0) traits.push('reduce threshold below 0');
      if (node.slots === 1) traits.push('reduce one slot');
      return traits;
    }
    case 'sparseConv2d': {
      const traits = [];
      if (node.kernel.shape[0] !== node.kernel.shape[1]) traits.push('sparseConv2d rectangular kernel');
      if (pooledBefore(node, nodes)) traits.push('sparseConv2d after a pool');
      return traits;
    }
    case 'sparsePool2d': {
      const [height, width] = node.pool;
      const [from] = nodes.filter(({ name }) => name === node.inputs[0]);
      const traits = [`sparsePool2d ${node.mode}`];
      if (height !== width) traits.push('sparsePool2d rectangular');
      if (from.shape[0] % height !== 0 || from.shape[1] % width !== 0) traits.push('sparsePool2d cut border');
      return traits;
    }
    case 'argmax':
      return [`argmax ${node.result}`];
    case 'lut':
      return node.tables.length > 1 ? ['lut several tables'] : [];
    default:
      return [];
  }
}

function windowTraits(node: GraphNode & { readonly op: 'conv1d' | 'conv2d' | 'pool1d' | 'pool2d' }): string[] {
  const traits = [];
  const strides = 'strides' in node ? node.strides : [node.stride];
  if (strides.some((step) => step > 1)) traits.push(`${node.op} strided`);
  if (node.pads.flat().some((pad) => pad > 0)) traits.push(`${node.op} padded`);
  return traits;
}

function pooledBefore(node: GraphNode, nodes: readonly GraphNode[]): boolean {
  const from = nodes.find(({ name }) => name === node.inputs[0]);
  return from !== undefined && (from.op === 'sparsePool2d' || pooledBefore(from, nodes));
}

/** The factor that means "all at once". */
function wholeOf(key: keyof LayerOptions, node: GraphNode, nodes: readonly GraphNode[]): number {
  const channels = node.shape[node.shape.length - 1];
  if (key === 'filtParallelFactor' || key === 'chanParallelFactor') return channels;
  if (key === 'parallelFactor') {
    const [height, width] = nodes.find(({ name }) => name === node.inputs[0])?.shape ?? [];
    return height * width;
  }
  if (node.slots !== undefined) return node.slots;
  const size = node.shape.reduce((product, length) => product * length, 1);
  return node.op === 'einsum' ? size : size / channels;
}
