import { readFile, rename, writeFile } from 'node:fs/promises';
import { BadFileError } from '../bad-file-error.ts';
import type { Command } from './command.ts';

/** Takes a folder of real `.keras` files through import, inference, lowering and C++. */
export const zoo: Command = {
  usage: 'zoo <folder>',
  description: 'import every .keras file of a folder, lower it, and compare with what zoo.json beside them records',
  options: [
    ['--filter <text>', 'only files whose name contains this text'],
    ['--compile <n>', 'how many of the lowered graphs are compiled as C++ (default 8)'],
    ['--page <file>', 'write the tables into a page of the documentation, between its marks'],
  ],
  async run([folder], options = {}) {
    const compile = options['compile'] == null ? {} : { compile: Number(options['compile']) };
    if (!Number.isInteger(compile.compile ?? 0) || (compile.compile ?? 0) < 0) {
      throw new BadFileError('--compile', `${String(options['compile'])} is no number of files`);
    }
    // Loaded on demand: this command needs the layers, a backend and the firmware generator.
    const [{ zoo: take }, { zooTable }] = await Promise.all([import('../zoo.ts'), import('../zoo/zoo-table.ts')]);
    const report = await take(folder, { ...compile, filter: String(options['filter'] ?? '') });
    const page = options['page'];
    if (page != null) {
      const { withZoo, zooPage } = await import('../zoo/zoo-page.ts');
      await replaceIn(String(page), (text) => withZoo(text, zooPage(report.rows)));
    }
    return { ok: report.ok, table: zooTable(report), report };
  },
};

async function replaceIn(path: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BadFileError(path, 'cannot be read', { cause });
  });
  const temporary = `${path}.new`;
  await writeFile(temporary, change(text));
  await rename(temporary, path);
}
