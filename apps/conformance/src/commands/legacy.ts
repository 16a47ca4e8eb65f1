import type { Command } from './command.ts';

/** Compares everything of QKeras and HGQ v1 with their recorded numbers and files. */
export const legacy: Command = {
  usage: 'legacy <folder>',
  description: 'quantizers, models and files of QKeras and HGQ v1 (a folder with qkeras_*.json, hgq1_*.json, models)',
  async run([folder]) {
    // Loaded on demand: this command needs the layers and a backend.
    const { legacy: compare, legacyTable } = await import('../legacy.ts');
    const report = await compare(folder);
    return { ok: report.ok, table: legacyTable(report), report };
  },
};
