import { type FixedGraph, type GraphNode, interpret, sizeOf } from '@sp/quant';
import type { Value } from '@sp/quant/internal';
import { FirmwareError } from '../errors.ts';
import type { ProcessLimits } from './child.ts';
import type { CompiledProject } from './compile.ts';
import { traceChecked } from './predict.ts';
import type { NetworkInputs } from './protocol.ts';

/** Interpreter against compiled C++ for one node. */
export interface ComparisonRow {
  readonly node: string;
  readonly layer: string;
  readonly op: string;
  /** Codes compared; for a list also valid bits, rows and columns. */
  readonly compared: number;
  readonly mismatches: number;
  /** Largest difference of two codes of an element, in units of its last bit. */
  readonly maxDifference: number;
  /** Elements that were out of range of their format in this input or requantize node. */
  readonly overflows: number;
}

/** What `compare` found. */
export interface Comparison {
  readonly images: number;
  readonly rows: readonly ComparisonRow[];
  /** Over all nodes. The goal is 0, always. */
  readonly mismatches: number;
  /** The rows as text. */
  readonly table: string;
}

/** What `compare` needs to know about its inputs. */
export interface CompareOptions extends ProcessLimits {
  /** `'reals'` are turned into codes by the input's format and modes, `'codes'` are taken as they are. Default `'reals'`. */
  readonly inputs?: 'reals' | 'codes';
  /** Images traced at once, to bound memory. Default 256. */
  readonly chunk?: number;
}

/**
 * Runs interpreter and compiled C++ on the same inputs and compares every code of every node.
 *
 * @throws FirmwareError when the project was made from another graph, or there is nothing to compare
 */
export async function compare(
  graph: FixedGraph,
  project: CompiledProject,
  inputs: NetworkInputs,
  options: CompareOptions = {},
): Promise<Comparison> {
  requireSameGraph(graph, project);
  const { inputs: kind = 'reals', chunk = 256, ...limits } = options;
  const ports = graph.nodes.filter(({ op }) => op === 'input');
  const record = byName(ports, inputs);
  const images = ports.length === 0 ? 1 : record[ports[0].name].length / sizeOf(ports[0].shape);
  if (images === 0)
    throw new FirmwareError(`input "${ports[0].name}": no images, so nothing to compare; give at least one`);
  const tally = new Map(
    graph.nodes.map(({ name }) => [name, { compared: 0, mismatches: 0, maxDifference: 0, overflows: 0 }]),
  );
  for (let from = 0; from < images; from += chunk) {
    const part = Object.fromEntries(
      ports.map(({ name, shape }) => {
        const size = sizeOf(shape);
        return [name, Array.prototype.slice.call(record[name], from * size, (from + chunk) * size) as number[]];
      }),
    );
    const expected = interpret(graph, part, { taps: 'all', inputs: kind, countOverflow: true });
    const actual = await traceChecked(project, part, { ...limits, inputs: kind }, 'types');
    for (const { name } of graph.nodes) {
      const sum = tally.get(name)!;
      const found = difference(expected.values.get(name)!, actual.get(name)!);
      sum.compared += found.compared;
      sum.mismatches += found.mismatches;
      sum.maxDifference = Math.max(sum.maxDifference, found.maxDifference);
      sum.overflows += expected.overflow.get(name) ?? 0;
    }
  }
  const rows = graph.nodes.map((node) => ({
    node: node.name,
    layer: node.layer ?? node.name,
    op: node.op,
    ...tally.get(node.name)!,
  }));
  const mismatches = rows.reduce((sum, row) => sum + row.mismatches, 0);
  return { images, rows, mismatches, table: comparisonTable(rows) };
}

/** The rows of a comparison as aligned text, one line per node. */
export function comparisonTable(rows: readonly ComparisonRow[]): string {
  const cells = [
    ['layer', 'node', 'op', 'codes', 'mismatches', 'max difference', 'overflows'],
    ...rows.map((row) => [
      row.layer,
      row.node,
      row.op,
      ...[row.compared, row.mismatches, row.maxDifference, row.overflows].map(String),
    ]),
  ];
  const widths = cells[0].map((_, c) => Math.max(...cells.map((line) => line[c].length)));
  return cells
    .map((line) =>
      line
        .map((cell, c) => (c < 3 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function requireSameGraph(graph: FixedGraph, { description }: CompiledProject): void {
  if (signature(graph.nodes) !== signature(description.nodes)) {
    throw new FirmwareError(
      `project "${description.name}" was made from another graph than "${graph.name}"; emit it again from this one`,
    );
  }
}

interface NodeShape {
  readonly name: string;
  readonly op: string;
  readonly shape: readonly number[];
  readonly slots?: number;
}

function signature(nodes: readonly NodeShape[]): string {
  return JSON.stringify(nodes.map(({ name, op, shape, slots }) => [name, op, shape, slots ?? 0]));
}

function byName(ports: readonly GraphNode[], inputs: NetworkInputs): Record<string, ArrayLike<number>> {
  if (Array.isArray(inputs) || ArrayBuffer.isView(inputs)) {
    if (ports.length !== 1) {
      throw new FirmwareError(
        `one array for ${ports.length} inputs; pass a record by name: ${ports.map(({ name }) => name).join(', ')}`,
      );
    }
    return { [ports[0].name]: inputs as ArrayLike<number> };
  }
  const record = inputs as Record<string, ArrayLike<number>>;
  for (const { name } of ports) {
    if (record[name] === undefined) throw new FirmwareError(`input "${name}": no data; pass it by its name`);
  }
  return record;
}

function difference(a: Value, b: Value): { compared: number; mismatches: number; maxDifference: number } {
  let mismatches = 0;
  let maxDifference = 0;
  let compared = a.codes.length;
  for (let j = 0; j < a.codes.length; j++) {
    if (a.codes[j] === b.codes[j]) continue;
    const distance = apart(a.codes[j], b.codes[j]);
    if (distance === 0) continue;
    mismatches++;
    maxDifference = Math.max(maxDifference, distance);
  }
  if (a.kind === 'list' && b.kind === 'list') {
    compared += 3 * a.valid.length;
    for (let s = 0; s < a.valid.length; s++) {
      mismatches +=
        Number(a.valid[s] !== b.valid[s]) + Number(a.rows[s] !== b.rows[s]) + Number(a.cols[s] !== b.cols[s]);
    }
  }
  return { compared, mismatches, maxDifference };
}

/** Distance of two codes. A broken program may answer parts of a code, too. */
function apart(a: number | bigint, b: number | bigint): number {
  return typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) : Math.abs(Number(BigInt(a) - BigInt(b)));
}
