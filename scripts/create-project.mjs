// A project to begin with: a copy of examples/quick-start, with the packages as they are in this checkout.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';

/**
 * Copies the example to `folder` and packs what it depends on of ours into `folder/packages`.
 *
 * @param root of the checkout
 * @param folder new or empty; relative to where the user is
 * @param pack packs the package in one folder into another, and returns the file
 * @returns what to say
 * @throws Error for a folder that cannot be used
 */
export function createProject(root, folder, pack) {
  if (folder === undefined) throw new Error('name the folder of the new project: npm run create -- ../my-network');
  const target = resolve(folder);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new Error(`${folder}: is not empty; name a new folder`);
  if (!relative(root, target).startsWith('..')) {
    throw new Error(`${folder}: lies in the checkout, where npm installs for all; name a folder beside it`);
  }
  mkdirSync(join(target, 'packages'), { recursive: true });
  for (const file of ['main.js', 'README.md']) cpSync(join(root, 'examples/quick-start', file), join(target, file));
  const manifest = JSON.parse(readFileSync(join(root, 'examples/quick-start/package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies).filter((name) => name.startsWith('@sp/'))) {
    const file = pack(join(root, 'packages', name.slice('@sp/'.length)), join(target, 'packages'));
    manifest.dependencies[name] = `file:packages/${basename(file)}`;
  }
  writeFileSync(join(target, 'package.json'), `${JSON.stringify({ ...manifest, name: basename(target) }, null, 2)}\n`);
  return `${folder} is ready; go on there with npm install and npm start`;
}
