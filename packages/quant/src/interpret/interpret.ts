import { sizeOf } from '../format/format-table.ts';
import { analyse } from '../graph/analyse.ts';
import { GraphError } from '../graph/errors.ts';
import type { FixedGraph } from '../graph/fixed-graph.ts';
import type { Feed, Runner } from '../ops/definition.ts';
import { inNumbers } from '../ops/linear.ts';
import type { GraphNode } from '../ops/nodes.ts';
import { definitionOf } from '../ops/table.ts';
import { fitsNumbers, toBigInts, type Value } from './values.ts';

/** Data of one input: batch-major, row-major. */
export type InputData = ArrayLike<number> | readonly bigint[];

/** What `interpret` may be asked for. */
export interface InterpretOptions {
  /** Which nodes' values to return in `values`. Default `'outputs'`. */
  readonly taps?: 'outputs' | 'all' | readonly string[];
  /** `'reals'` are turned into codes by the input's format and modes, `'codes'` are taken as they are. Default `'reals'`. */
  readonly inputs?: 'reals' | 'codes';
  /** Count the elements that input and requantize nodes had to cut. Default false. */
  readonly countOverflow?: boolean;
  /** Measure how long each node takes. Default false. */
  readonly measureTime?: boolean;
}

/** What `interpret` returns. */
export interface Interpretation {
  /** Values of the graph's outputs by name. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Values of the tapped nodes by name. */
  readonly values: ReadonlyMap<string, Value>;
  /** With `countOverflow`: elements out of range per input and requantize node, over the whole batch. Empty otherwise. */
  readonly overflow: ReadonlyMap<string, number>;
  /** With `measureTime`: milliseconds per node for the whole batch. Empty otherwise. */
  readonly milliseconds: ReadonlyMap<string, number>;
}

interface Step {
  readonly node: GraphNode;
  readonly wide: boolean;
  /** The result leaves the BigInt computation as plain numbers. */
  readonly narrowed: boolean;
  readonly run: Runner;
  /** Nodes whose values nobody needs after this step. */
  readonly done: readonly string[];
}

const programs = new WeakMap<FixedGraph, readonly Step[]>();

/**
 * Executes a graph exactly, for a batch. What each op computes is written in `docs/fixed-graph.md`.
 *
 * @param inputs the data of the only input, or of each input by name
 * @throws GraphError for a graph that is not valid, for missing data, and for data of the wrong length or range
 * @example
 * const { outputs } = interpret(graph, [0.25, 0.5, 0.75, 1]); // a batch of two for an input of shape [2]
 */
export function interpret(
  graph: FixedGraph,
  inputs: InputData | Readonly<Record<string, InputData>>,
  options: InterpretOptions = {},
): Interpretation {
  const { taps = 'outputs', inputs: kind = 'reals', countOverflow = false, measureTime = false } = options;
  const steps = programOf(graph);
  const { feeds, batch } = feedsOf(graph, inputs, kind);
  const tapped = new Set(
    taps === 'all' ? graph.nodes.map(({ name }) => name) : taps === 'outputs' ? graph.outputs : taps,
  );
  const alive = new Map<string, Value>();
  const values = new Map<string, Value>();
  const overflow = new Map<string, number>();
  const milliseconds = new Map<string, number>();
  const outputs: Record<string, Value> = {};
  const wanted = new Set(graph.outputs);
  for (const name of tapped) {
    if (!graph.nodes.some((node) => node.name === name)) {
      throw new GraphError(`graph "${graph.name}"`, `tap "${name}" is no node`, 'name nodes of the graph');
    }
  }
  for (const { node, wide, narrowed, run, done } of steps) {
    const started = measureTime ? performance.now() : 0;
    const feed = feeds.get(node.name);
    const operands = node.inputs.map((name) => {
      const value = alive.get(name)!;
      return wide ? { ...value, codes: toBigInts(value.codes) } : value;
    });
    const result = run(operands, feed === undefined ? { batch } : { batch, feed });
    const value = narrowed ? { ...result.value, codes: Float64Array.from(result.value.codes, Number) } : result.value;
    if (measureTime) milliseconds.set(node.name, performance.now() - started);
    alive.set(node.name, value);
    if (tapped.has(node.name)) values.set(node.name, value);
    if (wanted.has(node.name)) outputs[node.name] = value;
    if (countOverflow && (node.op === 'requantize' || node.op === 'input')) overflow.set(node.name, result.overflow);
    for (const name of done) alive.delete(name);
  }
  return { outputs, values, overflow, milliseconds };
}

/** Prepares every node once per graph object. */
function programOf(graph: FixedGraph): readonly Step[] {
  const known = programs.get(graph);
  if (known !== undefined) return known;
  const inferred = analyse(graph);
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const lastUse = new Map<string, string>();
  for (const node of graph.nodes) for (const input of node.inputs) lastUse.set(input, node.name);
  const steps = graph.nodes.map((node): Step => {
    const operands = node.inputs.map((name) => ({ node: nodes.get(name)!, inferred: inferred.get(name)! }));
    const own = inferred.get(node.name)!;
    const wide = !inNumbers(node, operands, own);
    return {
      node,
      wide,
      narrowed: wide && fitsNumbers(node.format),
      run: definitionOf(node).prepare(node, operands, own, wide),
      done: node.inputs.filter((input) => lastUse.get(input) === node.name),
    };
  });
  programs.set(graph, steps);
  return steps;
}

function feedsOf(
  graph: FixedGraph,
  inputs: InputData | Readonly<Record<string, InputData>>,
  kind: 'reals' | 'codes',
): { feeds: Map<string, Feed>; batch: number } {
  const nodes = graph.nodes.filter(({ op }) => op === 'input');
  const record: Readonly<Record<string, InputData>> = isData(inputs)
    ? { [nodes.length === 1 ? nodes[0].name : '']: inputs }
    : inputs;
  if (isData(inputs) && nodes.length !== 1) {
    throw new GraphError(
      `graph "${graph.name}"`,
      `one array for ${nodes.length} inputs`,
      `pass a record by name: ${nodes.map(({ name }) => name).join(', ')}`,
    );
  }
  const unknown = Object.keys(record).find((name) => !nodes.some((node) => node.name === name));
  if (unknown !== undefined) {
    throw new GraphError(
      `graph "${graph.name}"`,
      `"${unknown}" is no input`,
      `its inputs are ${nodes.map(({ name }) => name).join(', ')}`,
    );
  }
  let batch: number | undefined;
  const feeds = new Map<string, Feed>();
  for (const node of nodes) {
    const data = record[node.name];
    if (data === undefined) throw new GraphError(node.name, 'no data for this input', 'pass it by its name');
    const size = sizeOf(node.shape);
    batch ??= Math.floor(data.length / size);
    if (data.length !== batch * size) {
      throw new GraphError(node.name, `${data.length} values for a batch of ${batch}`, `give ${size} values per image`);
    }
    feeds.set(node.name, { kind, data });
  }
  return { feeds, batch: batch ?? 1 };
}

function isData(inputs: InputData | Readonly<Record<string, InputData>>): inputs is InputData {
  return Array.isArray(inputs) || ArrayBuffer.isView(inputs);
}
