import type { Command } from './command.ts';

/** Rebuilds published networks from their weights. */
export const trained: Command = {
  usage: 'trained <file>',
  description: 'rebuild published networks: float outputs, fixed-point decisions, compiled C++',
  async run([file]) {
    // Loaded on demand: this command needs the layers, a backend and the firmware generator.
    const { trained: rebuild, trainedTable } = await import('../trained.ts');
    const report = await rebuild(file);
    return { ok: report.ok, table: trainedTable(report), report };
  },
};
