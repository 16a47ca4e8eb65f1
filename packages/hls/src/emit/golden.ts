import { type FixedGraph, interpret } from '@sp/quant';
import type { InputData, Value } from '@sp/quant/internal';

/** Inputs and the outputs the firmware must give for them, for the testbench. */
export interface GoldenVectors {
  /** Codes of the graph's inputs by node name. */
  readonly inputs: Readonly<Record<string, Value>>;
  /** Codes of the graph's outputs by node name. */
  readonly outputs: Readonly<Record<string, Value>>;
}

/**
 * Runs the interpreter on some inputs (as `interpret` takes them) and keeps what a testbench needs.
 *
 * @example emit(plan(graph), { golden: goldenVectors(graph, images) })
 */
export function goldenVectors(
  graph: FixedGraph,
  inputs: InputData | Readonly<Record<string, InputData>>,
): GoldenVectors {
  const names = graph.nodes.filter(({ op }) => op === 'input').map(({ name }) => name);
  const { outputs, values } = interpret(graph, inputs, { taps: names });
  return { inputs: Object.fromEntries(names.map((name) => [name, values.get(name) as Value])), outputs };
}
