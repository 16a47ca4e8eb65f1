// Builds the site: the API reference from docstrings, then every page, and follows all links. Needs no network.
import { rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, ReflectionKind } from 'typedoc';
import { build } from 'vitepress';
import { checkSite } from './site-links.mjs';

const docs = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages = join(docs, '..', 'packages');

rmSync(join(docs, 'api'), { recursive: true, force: true });
for (const name of await readdir(packages)) {
  const home = join(packages, name);
  const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
  // What can be imported is what is documented: `@sp/train/hdf5` → its source.
  const entries = Object.entries(manifest.exports).filter(([, target]) => target['@sp/source'] !== undefined);
  const specifiers = new Map(
    entries.map(([path, target]) => [join(home, target['@sp/source']), join(manifest.name, path)]),
  );
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [...specifiers.keys()],
    tsconfig: join(home, 'tsconfig.json'),
    name: manifest.name,
    out: join(docs, 'api', name),
    readme: 'none',
    logLevel: 'Warn',
    disableSources: true,
    sortEntryPoints: false,
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
  if (project === undefined) throw new Error(`TypeDoc cannot read ${manifest.name}`);
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    module.name = specifiers.get(project.getSymbolIdFromReflection(module)?.fileName) ?? module.name;
  }
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error(`the docstrings of ${manifest.name} have the faults above: mend them`);
  }
  await openWithReadme(join(docs, 'api', name, 'index.md'), home);
}

await build(docs);

const { links, broken } = checkSite(join(docs, '.vitepress', 'dist'));
if (broken.length > 0) {
  const lines = broken.map(({ page, target, why }) => `  ${page}: ${target} (${why})`);
  throw new Error(`${broken.length} broken links in the site:\n${lines.join('\n')}`);
}
console.log(`${links} internal links and anchors checked, none broken`);

/** Puts a package's README in front of the list of what it exports. */
async function openWithReadme(page, home) {
  const readme = await readFile(join(home, 'README.md'), 'utf8');
  const linked = readme
    .replaceAll(/\]\(\.\.\/(\w+)\)/g, '](../$1/index.md)')
    .replaceAll('](images/', `](${relative(dirname(page), home)}/images/`);
  const list = (await readFile(page, 'utf8')).replace(/^[\s\S]*?\n# .*\n/, '');
  await writeFile(page, `${linked}\n# API\n${list}`);
}
