import { decode, type GraphNode, graphBuilder, interpret, sizeOf } from '@sp/quant';
import { broadcastIndices } from '@sp/quant/internal';
import { ceilLog2 } from '@sp/quant/numeric';
import { denseImage } from './dense-image.ts';
import { keepsZero } from './functions.ts';
import type { ElementFunctions } from './lowered.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';

/**
 * Moves the numbers of a value, or the arguments of a function together with the functions of its elements.
 *
 * @param move adds nodes that change no number to the graph of the scope it gets
 */
export function moved(
  scope: LowerScope,
  input: Lowered,
  layer: string,
  move: (scope: LowerScope, node: GraphNode) => GraphNode,
): Lowered {
  if (input.kind !== 'function') return { kind: 'value', node: move(scope, requireValue(input, layer).node) };
  const { functions, expression } = input;
  if (input.activeOnly === true && !keepsZero(functions)) {
    throw new LowerError(
      layer,
      `its input ${expression} is a float on the active pixels and 0 elsewhere, which no table behind this layer can tell.`,
      'Put a quantizer right behind the sparse convolution.',
    );
  }
  const same = sizeOf(functions.shape) === 1;
  const source = same ? input.node : denseImage(scope, input.node, layer);
  const node = move(scope, source);
  return {
    kind: 'function',
    node,
    functions: same
      ? { ...functions, shape: node.shape.map(() => 1) }
      : rearranged(functions, source.shape, node.shape, (on, x) => move({ ...scope, graph: on }, x)),
    expression,
  };
}

/** The functions of the elements after a move: the same move on the numbers of the elements says where each came from. */
function rearranged(
  functions: ElementFunctions,
  from: readonly number[],
  to: readonly number[],
  move: (graph: LowerScope['graph'], x: GraphNode) => GraphNode,
): ElementFunctions {
  const size = sizeOf(from);
  const scratch = graphBuilder('elements');
  const x = scratch.input('elements', { shape: from, format: { k: 0, i: ceilLog2(size + 1), f: 0 } });
  const y = move(scratch, x);
  const { outputs } = interpret(
    scratch.build([y]),
    Float64Array.from({ length: size }, (_, j) => j),
  );
  const origin = decode(y, outputs[y.name]);
  const variant = broadcastIndices(functions.shape, from);
  return {
    shape: to,
    key: (index) => functions.key(variant[origin[index]]),
    at: (index) => functions.at(variant[origin[index]]),
  };
}
