import type { Command } from './command.ts';

/** Compares estimates with published synthesis reports. */
export const estimate: Command = {
  usage: 'estimate <models> <scaling>',
  description: 'estimate published designs and compare with their synthesis reports (two csv files)',
  async run([models, scaling]) {
    const { estimatePublished, estimateTable } = await import('../estimate.ts');
    const report = await estimatePublished(models, scaling);
    return { ok: report.ok, table: estimateTable(report), report };
  },
};
