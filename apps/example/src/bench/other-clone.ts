import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A package of another built clone. */
export async function packageOf<Module>(root: string, name: string): Promise<Module> {
  const file = resolve(root, 'packages', name, 'dist', 'index.js');
  return (await import(pathToFileURL(file).href)) as Module;
}
