import type { Command } from './command.ts';

/** Compares everything of hls4ml's optimisation with its recorded numbers. */
export const prune: Command = {
  usage: 'prune <folder>',
  description: "pruning and weight sharing of hls4ml's optimisation (a folder with prune_*.json)",
  async run([folder]) {
    // Loaded on demand: this command needs the layers and a backend.
    const [{ prune: compare }, { folderTable }] = await Promise.all([
      import('../prune.ts'),
      import('../check-folder.ts'),
    ]);
    const report = await compare(folder);
    return { ok: report.ok, table: folderTable(report), report };
  },
};
