import { BadFileError } from '../bad-file-error.ts';
import type { Command } from './command.ts';

/** Imports a `.keras` file and compares it with its record and its own graph. */
export const keras: Command = {
  usage: 'keras <model> <parity>',
  description: 'import a .keras file; compare it with its record in a parity file, and with its own graph',
  async run([file, record]) {
    // Loaded on demand: this command needs the layers and a backend.
    const { keras: compare, kerasTable } = await import('../keras.ts');
    const { ParityFileError } = await import('../parity/parity-file.ts');
    const report = await compare(file, record).catch((error: unknown) => {
      throw error instanceof ParityFileError ? new BadFileError(file, error.message, { cause: error }) : error;
    });
    return { ok: report.ok, table: kerasTable(report), report };
  },
};
