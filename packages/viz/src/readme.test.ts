import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as viz from './index.ts';
import * as png from './png.ts';

it('the example of the README runs', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const written = new Map<string, string | Uint8Array>();
  const modules: Readonly<Record<string, unknown>> = {
    'node:fs': { writeFileSync: (path: string, data: string | Uint8Array) => written.set(path, data) },
    '@sp/viz': viz,
    '@sp/viz/png': png,
  };
  const body = code.replace(/^import (\{.*\}) from ('.*');$/gm, 'const $1 = modules[$2];');
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

  await new AsyncFunction('modules', body)(modules);

  expect([...written.keys()]).toEqual(['history.svg', 'history.png', 'report.html']);
  expect(written.get('history.svg')).toMatch(/^<svg .*Training history/s);
  expect(written.get('report.html')).toMatch(/^<!doctype html>/);
});
