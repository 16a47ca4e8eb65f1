// Builds the site: the API reference from docstrings, then every page, and follows all links. Needs no network.
import { rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';
import { build } from 'vitepress';
import { checkSite } from './site-links.mjs';

const docs = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages = join(docs, '..', 'packages');
const entries = {
  quant: ['src/index.ts', 'src/lut/expression.ts'],
  layers: ['src/index.ts', 'src/keras/index.ts', 'src/kernels/index.ts'],
  train: ['src/index.ts'],
  hls: ['src/index.ts'],
  viz: ['src/index.ts', 'src/png.ts'],
};

const unlisted = (await readdir(packages)).filter((name) => !(name in entries));
if (unlisted.length > 0) throw new Error(`docs/scripts/build.mjs: list the entry points of ${unlisted.join(', ')}`);

rmSync(join(docs, 'api'), { recursive: true, force: true });
for (const [name, files] of Object.entries(entries)) {
  const home = join(packages, name);
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: files.map((file) => join(home, file)),
    tsconfig: join(home, 'tsconfig.json'),
    name: `@sp/${name}`,
    out: join(docs, 'api', name),
    readme: 'none',
    logLevel: 'Warn',
    disableSources: true,
    disableGit: true,
    excludePrivate: true,
    excludeProtected: true,
    excludeExternals: true,
    excludeInternal: true,
    skipErrorChecking: true,
    validation: { notExported: false, invalidLink: true },
    entryFileName: 'index.md',
    router: 'kind',
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    sanitizeComments: true,
  });
  const project = await app.convert();
  if (project === undefined) throw new Error(`TypeDoc cannot read @sp/${name}`);
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error(`the docstrings of @sp/${name} have the faults above: mend them`);
  }
}

await build(docs);

const { links, broken } = checkSite(join(docs, '.vitepress', 'dist'));
if (broken.length > 0) {
  const lines = broken.map(({ page, target, why }) => `  ${page}: ${target} (${why})`);
  throw new Error(`${broken.length} broken links in the site:\n${lines.join('\n')}`);
}
console.log(`${links} internal links and anchors checked, none broken`);
