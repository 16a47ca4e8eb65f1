import { sizeOf } from '../format/format-table.ts';
import type { Weights } from '../graph/node.ts';
import type { Conv1dNode, Conv2dNode, DenseNode, GraphNode, ScaleOffsetNode } from '../ops/nodes.ts';
import { type Pass, readersOf, rebuild, scaleMatters } from './rewrite.ts';

type Linear = DenseNode | Conv1dNode | Conv2dNode;

/**
 * Multiplies the scale of a `scaleOffset` into the kernel of the dense layer or convolution before it, and adds its offset to the bias: `(Σ x·w + b)·s + o = Σ x·(w·s) + (b·s
 * + o)`. Only where nobody else reads the sums and the products are still safe integers. (A sparse convolution's bias is conditional: it is left alone.)
 */
export const foldScaleOffset: Pass = (graph) => {
  const readers = readersOf(graph);
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  for (const node of graph.nodes) {
    if (node.op !== 'scaleOffset') continue;
    // A linear node has no divisor to give.
    if (node.over !== undefined && node.over !== 1) continue;
    const source = nodes.get(node.inputs[0])!;
    if (!isLinear(source) || graph.outputs.includes(source.name) || readers.get(source.name)!.length !== 1) continue;
    const folded = fold(source, node);
    // The folded node has one scale, where the two could have one per channel.
    if (folded === undefined || scaleMatters(node.name, readers)) continue;
    const rest = graph.nodes.filter(({ name }) => name !== source.name);
    return rebuild(
      graph,
      rest.map((other) => (other.name === node.name ? folded : other)),
    );
  }
  return undefined;
};

function isLinear(node: GraphNode): node is Linear {
  return node.op === 'dense' || node.op === 'conv1d' || node.op === 'conv2d';
}

/** The linear node that computes both, under the name of the second. */
function fold(linear: Linear, { name, layer, scale, offset }: ScaleOffsetNode): Linear | undefined {
  const filters = linear.kernel.shape.at(-1)!;
  const scales = perChannel(scale, filters);
  const offsets = offset === undefined ? new Array<number>(filters).fill(0) : perChannel(offset, filters);
  if (scales === undefined || offsets === undefined) return undefined;
  const kernel: Weights = {
    shape: linear.kernel.shape,
    codes: linear.kernel.codes.map((code, j) => code * scales[j % filters]),
    f: linear.kernel.f + scale.f,
  };
  const biasF = (linear.bias?.f ?? 0) + scale.f;
  const f = offset === undefined ? biasF : linear.bias === undefined ? offset.f : Math.max(biasF, offset.f);
  const bias: Weights = {
    shape: [filters],
    codes: offsets.map((code, u) => {
      const scaled = linear.bias === undefined ? 0 : linear.bias.codes[u] * scales[u] * 2 ** (f - biasF);
      return scaled + (code === 0 ? 0 : code * 2 ** (f - offset!.f));
    }),
    f,
  };
  if (![...kernel.codes, ...bias.codes].every(Number.isSafeInteger)) return undefined;
  const { layer: _layer, bias: _bias, ...rest } = linear;
  const needsBias = linear.bias !== undefined || offset !== undefined;
  return { ...rest, name, kernel, ...(needsBias ? { bias } : {}), ...(layer === undefined ? {} : { layer }) };
}

/** One code per channel, if the weights vary over channels only. */
function perChannel(weights: Weights, channels: number): number[] | undefined {
  if (sizeOf(weights.shape.slice(0, -1)) !== 1) return undefined;
  const codes = weights.codes.length === 1 ? new Array<number>(channels).fill(weights.codes[0]) : [...weights.codes];
  return codes.length === channels ? codes : undefined;
}
