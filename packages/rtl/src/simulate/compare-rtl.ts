import { interpret } from '@sp/quant';
import type { InputData, Value } from '@sp/quant/internal';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import { type SimulateOptions, simulateRtl } from './simulate-rtl.ts';
import type { CodeInputs } from './stimulus.ts';

/** Mismatches of one node. */
export interface RtlComparisonRow {
  readonly node: string;
  /** Numbers compared: codes, and of a list also valid bits, rows and columns. */
  readonly compared: number;
  readonly mismatches: number;
  /** First image that differs. */
  readonly firstImage?: number;
}

/** What `compareRtl` found. */
export interface RtlComparison {
  readonly rows: readonly RtlComparisonRow[];
  /** Over all nodes, and the output ports. */
  readonly mismatches: number;
  readonly compared: number;
  /** Whether every image took the planned latency, and results came at the distance of the images. */
  readonly onTime: boolean;
  readonly latencies: readonly number[];
}

/**
 * Runs images through the simulated hardware and the interpreter and compares every number of every node that is built, the output ports with the outputs of the network as
 * it was given, and the clocks taken.
 *
 * @param inputs images by input name, or of the only input
 */
export function compareRtl(
  plan: RtlPlan,
  inputs: InputData | Readonly<Record<string, InputData>>,
  options: SimulateOptions & { readonly inputs?: 'reals' | 'codes' } = {},
): RtlComparison {
  const { inputs: kind = 'reals', ...rest } = options;
  const { values } = interpret(plan.graph, inputs, { taps: 'all', inputs: kind });
  const codes = Object.fromEntries(
    plan.graph.nodes.filter(({ op }) => op === 'input').map(({ name }) => [name, values.get(name)!.codes]),
  ) as CodeInputs;
  const simulation = simulateRtl(plan, codes, rest);
  const rows = plan.graph.nodes.map(({ name }) => difference(name, values.get(name)!, simulation.values.get(name)));
  const wanted = interpret(plan.source, inputs, { inputs: kind }).outputs;
  for (const [name, value] of simulation.outputs) rows.push(difference(`${name} (port)`, wanted[name], value));
  const gaps = rest.gaps ?? [0];
  const onTime =
    simulation.latencies.every((latency) => latency === plan.latency) &&
    simulation.intervals.every((interval, b) => interval === plan.options.interval + gaps[b % gaps.length]);
  return {
    rows,
    mismatches: rows.reduce((sum, row) => sum + row.mismatches, 0),
    compared: rows.reduce((sum, row) => sum + row.compared, 0),
    onTime,
    latencies: simulation.latencies,
  };
}

function difference(node: string, expected: Value, actual: Value | undefined): RtlComparisonRow {
  if (actual === undefined) return { node, compared: 0, mismatches: 0 };
  const parts = (value: Value): ArrayLike<number | bigint>[] =>
    value.kind === 'list' ? [value.valid, value.rows, value.cols, value.codes] : [value.codes];
  let compared = 0;
  let mismatches = 0;
  let firstImage: number | undefined;
  const [want, got] = [parts(expected), parts(actual)];
  for (const [p, list] of want.entries()) {
    for (let j = 0; j < list.length; j++) {
      compared++;
      if (same(list[j], got[p][j])) continue;
      mismatches++;
      firstImage = Math.min(firstImage ?? Number.POSITIVE_INFINITY, Math.floor(j / (list.length / expected.batch)));
    }
  }
  return { node, compared, mismatches, ...(firstImage === undefined ? {} : { firstImage }) };
}

/** Whether two codes are the same, be they numbers or BigInts. */
function same(a: number | bigint, b: number | bigint): boolean {
  return typeof a === typeof b ? a === b : BigInt(a) === BigInt(b);
}
