import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompileError, compare, compile, emit, plan, write } from '@sp/hls';
import type { NetworkInputs } from '@sp/hls/internal';
import type { FixedGraph } from '@sp/quant';

/** The compiled C++ of a network against the interpreter. */
export interface CompiledView {
  /** Codes compared, over all nodes and images; of a list also valid bits, rows and columns. */
  readonly compared: number;
  readonly mismatches: number;
  /** Node with the most mismatches. */
  readonly worstNode?: string;
  /** Why there is nothing to compare: the C++ does not compile or does not run. */
  readonly error?: string;
}

/**
 * Emits the network's C++ into a temporary folder, compiles it, and compares every code of every node on all images.
 *
 * @param flags of the compiler, after the built-in ones
 */
export async function compiledView(
  graph: FixedGraph,
  images: NetworkInputs,
  flags: readonly string[] = [],
): Promise<CompiledView> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const dir = join(folder, graph.name);
    await write(emit(plan(graph)), dir);
    const { rows, mismatches } = await compare(graph, await compile(dir, { flags }), images);
    const compared = rows.reduce((sum, row) => sum + row.compared, 0);
    const [worst] = [...rows].sort((a, b) => b.mismatches - a.mismatches);
    return { compared, mismatches, ...(mismatches > 0 ? { worstNode: worst.node } : {}) };
  } catch (error) {
    if (error instanceof CompileError) return { compared: 0, mismatches: 0, error: error.message };
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
