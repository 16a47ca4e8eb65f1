/**
 * The fixed graph: a quantised network as plain, readonly, JSON-serialisable data.
 *
 * Every value is an array of integer codes in known formats. Every op is exact; the only ops that lose
 * information are `requantize` and `input` (reals to codes). What each op computes is written in prose in
 * `docs/fixed-graph.md` and executed by `interpret`.
 *
 * Two kinds of value travel along the edges:
 * - a **dense tensor** of `shape`;
 * - a **sparse list** of `slots` entries standing for an image of `shape` `[H, W, C]`: per slot a `valid` bit, a
 *   pixel (row, column) and `C` codes. An invalid slot has row, column and codes 0. A valid slot stays valid
 *   although its codes may all be 0. Formats of a list are per channel: its format table has shape `[1, 1, C]` or `[1, 1, 1]`.
 *
 * The real value of a code is `code · 2^-f / divisor`.
 */
import type { GraphNode } from '../ops/nodes.ts';

/** A quantised network as plain data; `nodes` in topological order. */
export interface FixedGraph {
  readonly version: 1;
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  /** Names of the nodes whose values leave the graph. */
  readonly outputs: readonly string[];
}
