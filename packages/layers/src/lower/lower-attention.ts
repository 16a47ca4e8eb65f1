import { formatWidth, type GraphNode } from '@sp/quant';
import { formatAt } from '@sp/quant/internal';
import type { QEinsumDense } from '../layers/q-einsum-dense.ts';
import type { QLayer } from '../layers/q-layer.ts';
import { QLinformerAttention } from '../layers/q-linformer-attention.ts';
import { type QMultiHeadAttention, threeOf } from '../layers/q-multi-head-attention.ts';
import type { Equation } from '../ops/einsum-equation.ts';
import { lowerQEinsumDense } from './lower-einsum.ts';
import { lowerQSoftmax } from './lower-function.ts';
import { lowerOutputQuantizer, refuseDivisor } from './lower-quantizer.ts';
import { widestAddress } from './lower-table.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';
import { partBuilder } from './uses.ts';
import { weightsOf } from './weights.ts';

/**
 * An attention as its parts, nodes `.query_iq`, `.query_dense`, …, `.scores`, `.softmax_…`, `.mixture`,
 * `.attention_output_…`, `.oq`.
 */
export function lowerQMultiHeadAttention(
  scope: LowerScope,
  layer: QMultiHeadAttention,
  inputs: readonly Lowered[],
): readonly Lowered[] {
  const { name, parts, geometry, mask } = layer;
  const { graph } = scope;
  const options = { layer: name };
  const inPart = (role: string, part: QLayer): LowerScope => ({
    ...scope,
    isOutput: false,
    graph: partBuilder(graph, part.name, name, `${role}_`),
  });
  const dense = (role: string, part: QEinsumDense, input: Lowered): Lowered =>
    lowerQEinsumDense(inPart(role, part), part, [input])[0];
  const node = (lowered: Lowered): GraphNode => {
    const found = requireValue(lowered, name).node;
    refuseDivisor(found, name);
    return found;
  };
  let [query, value, key] = threeOf(inputs);
  const linear = layer instanceof QLinformerAttention ? layer.positionParts : null;
  if (linear != null) {
    const same = linear.key === linear.value && key === value;
    key = dense('key_positions', linear.key, key);
    value = same ? key : dense('value_positions', linear.value, value);
  }
  const queries = node(dense('query', parts.query, query));
  const keys = node(dense('key', parts.key, key));
  const values = node(dense('value', parts.value, value));
  const einsum = (step: string, { operands: [a, b], output }: Equation, x: GraphNode, y: GraphNode): GraphNode =>
    graph.einsum(`${name}.${step}`, x, y, {
      equation: `${a.slice(1)},${b.slice(1)}->${output.slice(1)}`,
      ...options,
    });
  const scores = einsum('scores', geometry.scores, keys, queries);
  if (!layer.stableSoftmax) refuseWideScores(scores, name);
  const given: Lowered[] = [{ kind: 'value', node: scores }];
  if (mask != null) {
    const codes = weightsOf(mask.values, mask.shape.slice(1), `Layer '${name}': mask`);
    given.push({ kind: 'value', node: graph.constant(`${name}.mask`, codes, options) });
  }
  const [weights] = lowerQSoftmax(inPart('softmax', parts.softmax), parts.softmax, given);
  const mixture = einsum('mixture', geometry.mixture, node(weights), values);
  const output = dense('attention_output', parts.attention_output, { kind: 'value', node: mixture });
  return [lowerOutputQuantizer(scope, output, layer.oq, name)];
}

/** A softmax that is not stable makes a table of the scores themselves. */
function refuseWideScores({ format }: GraphNode, layer: string): void {
  const width = Math.max(...format.f.map((_, j) => formatWidth(formatAt(format, j))));
  if (width <= widestAddress) return;
  throw new LowerError(
    layer,
    `its scores have ${width} bits, of which a softmax that is not stable makes a table (${widestAddress} address bits at most).`,
    'Use stableSoftmax: true (in HGQ2 stable_softmax=True), or fewer bits in qkvoOqConf.',
  );
}
