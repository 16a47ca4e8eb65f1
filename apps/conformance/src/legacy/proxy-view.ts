import { decode, type FixedGraph, type GraphNode, interpret } from '@sp/quant';
import { formatAt } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';
import { asFloats, asNumber, asRow, asText, type FixtureTensor } from './fixture.ts';

/** Outputs of a graph for recorded inputs, in the order of the model's. */
export function graphOutputs(
  graph: FixedGraph,
  model: tf.LayersModel,
  inputs: readonly FixtureTensor[],
  factor: number,
): readonly Float64Array[] {
  const feeds = Object.fromEntries(model.inputNames.map((name, k) => [name, inputs[k].data.map((x) => x * factor)]));
  const { outputs } = interpret(graph, feeds);
  return graph.outputs.map((name) =>
    decode(graph.nodes.find((node) => node.name === name) as GraphNode, outputs[name]),
  );
}

/** The casts of a graph as sorted text: `k,b,I,rounding,overflow`, one or many formats. */
export function castsOf(graph: FixedGraph): readonly string[] {
  return graph.nodes
    .flatMap((node) => (node.op === 'requantize' || node.op === 'input' ? [castText(node)] : []))
    .sort();
}

function castText(node: Extract<GraphNode, { op: 'requantize' | 'input' }>): string {
  const table = node.op === 'input' ? node.format : node.to;
  const formats = table.f.map((_, j) => {
    const { k, i, f } = formatAt(table, j);
    return k + i + f <= 0 ? '0,0,0' : `${k},${k + i + f},${k + i}`;
  });
  const [first] = formats;
  const all = formats.every((entry) => entry === first) ? [first] : formats;
  return `${all.join(' ')} ${node.round} ${node.overflow}`;
}

/** The recorded fixed-point quantizers in the same form. */
export function proxyFormats(layers: readonly unknown[], where: string): readonly string[] {
  return layers
    .map((entry, index) => ({ layer: asRow(entry, `${where}[${index}]`), at: `${where}[${index}]` }))
    .filter(({ layer }) => layer['class'] === 'FixedPointQuantizer')
    .map(({ layer, at }) => {
      const bits = (name: 'k' | 'b' | 'I'): readonly number[] => {
        const value = layer[name];
        if (typeof value === 'number') return [value];
        return (asRow(value, `${at}.${name}`)['data'] as readonly unknown[]).map((bit) =>
          asNumber(bit, `${at}.${name}`),
        );
      };
      const [k, b, I] = [bits('k'), bits('b'), bits('I')];
      const count = Math.max(k.length, b.length, I.length);
      const formats = Array.from({ length: count }, (_, j) => {
        const width = b[j % b.length];
        return width <= 0 ? '0,0,0' : `${k[j % k.length]},${width},${I[j % I.length]}`;
      });
      const all = formats.every((entry) => entry === formats[0]) ? [formats[0]] : formats;
      return `${all.join(' ')} ${asText(layer['RND'], at)} ${asText(layer['SAT'], at)}`;
    })
    .sort();
}

/** Values of the function tables of a graph, in order. */
export function tablesOf(graph: FixedGraph): readonly (readonly number[])[] {
  return graph.nodes.flatMap((node) =>
    node.op === 'lut' ? node.tables.map(({ codes }) => codes.map((code) => code * 2 ** -node.f)) : [],
  );
}

/** Values of the recorded tables, in order. */
export function proxyTables(layers: readonly unknown[], where: string): readonly Float32Array[] {
  return layers
    .map((entry, index) => asRow(entry, `${where}[${index}]`))
    .filter((layer) => layer['class'] === 'UnaryLUT')
    .map((layer, index) => asFloats(layer['table'], `${where}: table ${index}`));
}
