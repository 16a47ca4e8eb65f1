/** Derives from a graph's inputs and weights what every node can produce, and compares it with what the nodes claim. */
import { codeRange, formatWidth } from '../format/code-range.ts';
import type { Format } from '../format/format.ts';
import { broadcastIndices, formatAt } from '../format/format-table.ts';
import { printType } from '../format/type-string.ts';
import { checkTable } from '../ops/checks.ts';
import type { Inferred } from '../ops/definition.ts';
import type { GraphNode } from '../ops/nodes.ts';
import { definitionOf } from '../ops/table.ts';
import { checkForm } from './check-form.ts';
import { GraphError } from './errors.ts';
import type { FixedGraph } from './fixed-graph.ts';
import { commonShape, isZero, rangeAt } from './ranges.ts';

const analysed = new WeakMap<FixedGraph, ReadonlyMap<string, Inferred>>();

/**
 * Checks the whole graph: form, names, shapes, formats against exact ranges, everything each op asks for.
 *
 * @throws GraphError with the node, what is wrong and the remedy
 */
export function validate(graph: FixedGraph): void {
  analyse(graph);
}

/**
 * What every node can produce: shape, exact ranges, largest intermediate. Validates on the way; the result is kept per graph object.
 *
 * @throws GraphError
 */
export function analyse(graph: FixedGraph): ReadonlyMap<string, Inferred> {
  const known = analysed.get(graph);
  if (known !== undefined) return known;
  checkForm(graph);
  const results = new Map<string, Inferred>();
  for (const node of graph.nodes) {
    if (results.has(node.name)) {
      throw new GraphError(node.name, 'two nodes have this name', 'give every node its own name');
    }
    const inputs = node.inputs.map((input) => {
      const found = results.get(input);
      if (found === undefined) {
        throw new GraphError(node.name, `input "${input}" is no earlier node`, 'order nodes so that inputs come first');
      }
      return found;
    });
    const inferred = inferNode(node, inputs);
    checkClaims(node, inferred);
    results.set(node.name, inferred);
  }
  if (graph.outputs.length === 0)
    throw new GraphError(`graph "${graph.name}"`, 'no outputs', 'name at least one output node');
  if (new Set(graph.outputs).size !== graph.outputs.length) {
    throw new GraphError(`graph "${graph.name}"`, 'an output is named twice', 'name every output once');
  }
  for (const output of graph.outputs) {
    if (!results.has(output))
      throw new GraphError(`graph "${graph.name}"`, `output "${output}" is no node`, 'name a node of the graph');
  }
  analysed.set(graph, results);
  return results;
}

/**
 * What one node can produce, from what its inputs can.
 *
 * @throws GraphError when its op refuses the inputs or attributes
 */
export function inferNode(node: GraphNode, inputs: readonly Inferred[]): Inferred {
  const definition = definitionOf(node);
  const { arity, takes } = definition;
  if (arity === 'many' ? inputs.length === 0 : inputs.length !== arity) {
    throw new GraphError(
      node.name,
      `${node.op} has ${inputs.length} inputs`,
      `give it ${arity === 'many' ? 'one or more' : arity}`,
    );
  }
  for (const [j, input] of inputs.entries()) {
    const isList = input.slots !== undefined;
    if (takes !== 'both' && isList !== (takes === 'list')) {
      throw new GraphError(
        node.name,
        `${node.op} takes a ${takes === 'list' ? 'sparse list' : 'dense tensor'}, input "${node.inputs[j]}" is none`,
        takes === 'list' ? 'make the list with reduce' : 'put a sparseFlatten before it',
      );
    }
    if (input.divisor !== 1 && !definition.allowsDivisor) {
      throw new GraphError(
        node.name,
        `input "${node.inputs[j]}" is still to be divided by ${input.divisor}`,
        `put a requantize between it and the ${node.op}`,
      );
    }
  }
  return definition.infer(node, inputs);
}

function checkClaims(node: GraphNode, inferred: Inferred): void {
  const { name } = node;
  if (node.shape.length !== inferred.shape.length || node.shape.some((length, d) => length !== inferred.shape[d])) {
    throw new GraphError(name, `shape is [${node.shape}]`, `from its inputs it is [${inferred.shape}]`);
  }
  if (node.slots !== inferred.slots) {
    const is =
      inferred.slots === undefined ? 'this value is dense: remove slots' : `from its input it is ${inferred.slots}`;
    throw new GraphError(name, `slots is ${node.slots}`, is);
  }
  if ((node.divisor ?? 1) !== inferred.divisor || node.divisor === 1) {
    throw new GraphError(
      name,
      `divisor is ${node.divisor}`,
      inferred.divisor === 1 ? 'remove it' : `from its inputs it is ${inferred.divisor}`,
    );
  }
  checkFormats(node, inferred);
}

/** Whether a node's formats hold everything it can produce, on its scale. */
export function formatHolds(node: GraphNode, inferred: Inferred): boolean {
  try {
    checkFormats(node, inferred);
    return true;
  } catch (error) {
    if (error instanceof GraphError) return false;
    throw error;
  }
}

function checkFormats(node: GraphNode, { ranges, shape, slots }: Inferred): void {
  const { name, format } = node;
  checkTable(name, 'format', format, shape);
  if (slots !== undefined && (format.shape[0] !== 1 || format.shape[1] !== 1)) {
    throw new GraphError(
      name,
      `format has shape [${format.shape}]`,
      'a sparse list has formats per channel: [1, 1, C] or [1, 1, 1]',
    );
  }
  const common = commonShape(ranges.shape, format.shape);
  const claimed = broadcastIndices(format.shape, common);
  const possible = broadcastIndices(ranges.shape, common);
  for (let j = 0; j < claimed.length; j++) {
    const holder = formatAt(format, claimed[j]);
    const range = rangeAt(ranges, possible[j]);
    if (isZero(range)) continue;
    if (holder.f !== range.f) {
      throw new GraphError(
        name,
        `format ${claimed[j]} has f = ${holder.f}`,
        `its codes have ${range.f} fraction bits: change the scale with a requantize`,
      );
    }
    const { lo, hi } = codeRange(holder);
    if (range.lo < lo || range.hi > hi) {
      throw new GraphError(
        name,
        `format ${claimed[j]}, ${describe(holder)}, holds codes ${lo} … ${hi}`,
        `codes ${range.lo} … ${range.hi} can occur: widen the format or put a requantize behind the node`,
      );
    }
  }
}

function describe(format: Format): string {
  return formatWidth(format) > 0 ? printType(format) : 'of width 0';
}
