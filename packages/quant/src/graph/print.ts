import { formatWidth } from '../format/code-range.ts';
import type { FormatTable } from '../format/format.ts';
import { formatAt, sizeOf } from '../format/format-table.ts';
import { printType } from '../format/type-string.ts';
import type { GraphNode } from '../ops/nodes.ts';
import type { FixedGraph } from './fixed-graph.ts';
import type { Weights } from './node.ts';

/** The graph as an aligned text table: one line per node with its inputs, shape and formats. */
export function printGraph(graph: FixedGraph): string {
  const rows = graph.nodes.map((node) => [
    node.name + (graph.outputs.includes(node.name) ? ' *' : ''),
    `${node.op}(${node.inputs.join(', ')})`,
    `[${node.shape.join(', ')}]${node.slots === undefined ? '' : ` in ${node.slots} slots`}`,
    printFormats(node.format) + (node.divisor === undefined ? '' : ` / ${node.divisor}`),
    details(node),
  ]);
  const header = ['node', 'op', 'shape', 'format', 'details'];
  const widths = header.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => cell.padEnd(widths[c]))
      .join('  ')
      .trimEnd();
  return [`graph ${graph.name} (* output)`, line(header), ...rows.map(line)].join('\n');
}

/** One type for a uniform table, else the range of widths and what they vary over. */
export function printFormats(table: FormatTable): string {
  const size = sizeOf(table.shape);
  const first = formatAt(table, 0);
  let uniform = true;
  let least = formatWidth(first);
  let most = least;
  for (let j = 1; j < size; j++) {
    const format = formatAt(table, j);
    uniform &&= format.k === first.k && format.i === first.i && format.f === first.f;
    least = Math.min(least, formatWidth(format));
    most = Math.max(most, formatWidth(format));
  }
  if (uniform) return least < 0 ? '0 bits' : printType(first);
  return `${Math.max(0, least)}–${Math.max(0, most)} bits over [${table.shape.join(', ')}]`;
}

function details(node: GraphNode): string {
  switch (node.op) {
    case 'input':
      return `${node.round} ${node.overflow}`;
    case 'requantize':
      return `to ${printFormats(node.to)} ${node.round} ${node.overflow}`;
    case 'reduce':
      return `threshold ${node.threshold}`;
    case 'conv1d':
      return `${kernelText(node)}, stride ${node.stride}, pads ${node.pads}`;
    case 'conv2d':
      return `${kernelText(node)}, strides ${node.strides}, pads ${node.pads}`;
    case 'sparseConv2d':
    case 'dense':
      return kernelText(node);
    case 'pool1d':
      return `${node.mode} ${node.pool}, stride ${node.stride}`;
    case 'pool2d':
      return `${node.mode} ${node.pool.join(' × ')}, strides ${node.strides}`;
    case 'lut':
      return `${node.tables.length} × ${node.tables[0]?.codes.length} entries${node.expression === undefined ? '' : `, ${node.expression}`}`;
    case 'argmax':
      return node.result;
    case 'concat':
      return `axis ${node.axis}`;
    case 'sumOver':
    case 'meanOver':
    case 'maxOver':
    case 'minOver':
      return `axes ${node.axes}`;
    case 'transpose':
      return `${node.perm}`;
    case 'take':
      return `axis ${node.axis}: ${node.indices.length > 8 ? `${node.indices.slice(0, 8)}, …` : node.indices}`;
    case 'pad':
      return node.pads.map((pad) => `[${pad}]`).join(' ');
    case 'einsum':
      return node.equation;
    case 'extension':
      return `${node.extension} ${JSON.stringify(node.attributes)}`;
    case 'sparsePool2d':
      return `${node.mode} ${node.pool.join(' × ')}`;
    case 'constant':
    case 'sparseFlatten':
    case 'relu':
    case 'leakyRelu':
    case 'scaleOffset':
    case 'add':
    case 'sub':
    case 'mul':
    case 'max':
    case 'min':
    case 'reshape':
      return '';
    default:
      throw new TypeError(`unknown op ${(node satisfies never as GraphNode).op}`);
  }
}

function kernelText({ kernel, bias }: { readonly kernel: Weights; readonly bias?: Weights }): string {
  return `kernel [${kernel.shape.join(', ')}] · 2^${-kernel.f}${bias === undefined ? '' : ', bias'}`;
}
