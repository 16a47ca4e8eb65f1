import { readVectors } from '../vectors/read-vectors.ts';
import { runVectors } from '../vectors/run-vectors.ts';
import { vectorsTable } from '../vectors/vectors-table.ts';
import type { Command } from './command.ts';

/** Compares quantizers and layers with the reference's numbers, row by row. */
export const vectors: Command = {
  usage: 'vectors <file>',
  description: 'compare with golden vectors (hgq2_vectors.json), row by row',
  async run([file]) {
    const report = await runVectors(file, await readVectors(file));
    return { ok: report.ok, table: vectorsTable(report), report };
  },
};
