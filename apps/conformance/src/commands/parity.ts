import { BadFileError } from '../bad-file-error.ts';
import type { Command } from './command.ts';

/** Repeats a recorded training run. */
export const parity: Command = {
  usage: 'parity <file>',
  description: 'repeat a recorded training run (the .keras file lies beside the .json)',
  async run([file]) {
    // Loaded on demand: this command needs the layers and a backend.
    const { parity: repeat, parityTable } = await import('../parity.ts');
    const { ParityFileError } = await import('../parity/parity-file.ts');
    const report = await repeat(file).catch((error: unknown) => {
      throw error instanceof ParityFileError ? new BadFileError(file, error.message, { cause: error }) : error;
    });
    return { ok: report.ok, table: parityTable(report), report };
  },
};
