import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { checkSite } from '../docs/scripts/site-links.mjs';

it('finds links of a built site that lead nowhere', () => {
  const site = mkdtempSync(join(tmpdir(), 'sp-site-'));
  const pages = {
    'index.html': '<a href="/guides/one.html#there">1</a> <a href="guides/">2</a> <img src="gone.png">',
    'guides/one.html':
      '<h2 id="there">x</h2> <a href="../index.html">1</a> <a href="#here">2</a> <a href="/nowhere.html#a">3</a>',
    'guides/index.html': '<a href="one.html#none">1</a> <a href="https://example.org/gone">2</a>',
  };
  for (const [path, html] of Object.entries(pages)) {
    mkdirSync(dirname(join(site, path)), { recursive: true });
    writeFileSync(join(site, path), html);
  }
  const { links, broken } = checkSite(site);
  rmSync(site, { recursive: true });
  expect(links).toBe(7);
  expect(broken.map(({ page, target, why }) => `${page} ${target} ${why}`).sort()).toEqual([
    'guides/index.html one.html#none no such anchor',
    'guides/one.html #here no such anchor',
    'guides/one.html /nowhere.html#a no such file',
    'index.html gone.png no such file',
  ]);
});
