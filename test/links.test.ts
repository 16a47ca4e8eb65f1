import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, brokenLinks, linksOf } from './links.ts';

const root = join(import.meta.dirname, '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...markdownIn('docs'),
  ...['packages', 'apps'].flatMap((room) =>
    readdirSync(join(root, room)).flatMap((name) =>
      readdirSync(join(root, room, name)).includes('README.md') ? [`${room}/${name}/README.md`] : [],
    ),
  ),
];

/** Pages that are written by hand. */
function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return entry.name.startsWith('.') || ['api', 'node_modules'].includes(entry.name) ? [] : markdownIn(path);
    }
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

describe('the pages', () => {
  it('are found, with links in them', () => {
    expect(pages).toEqual(expect.arrayContaining(['docs/guides/your-data.md', 'packages/quant/README.md']));
  });

  it.each(pages)('of %s have no broken link', (page) => {
    expect(brokenLinks(root, page)).toEqual([]);
  });
});

describe('the link checker', () => {
  it('finds links, images, HTML and front matter, but none in code', () => {
    const text =
      '---\n  link: /start\n---\n[a](b.md) ![c](d.svg "e") <img src="f.png">\n`[x](y)`\n```ts\n[x](y)\n```\n[g](<h i>)';
    expect(linksOf(text).map(({ target, line }) => `${line} ${target}`)).toEqual([
      '2 /start',
      '4 b.md',
      '4 d.svg',
      '4 f.png',
    ]);
  });

  it('knows how headings are addressed', () => {
    expect([...anchorsOf('# A `b`, c!\n## Same\n## Same\n```\n# no\n```\n### [Link](x) β')]).toEqual([
      'a-b-c',
      'same',
      'same-1',
      'link-β',
    ]);
  });

  it('reports missing files and headings with page and line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sp-links-'));
    mkdirSync(join(folder, 'docs'));
    writeFileSync(join(folder, 'docs', 'there.md'), '# Here\n');
    writeFileSync(
      join(folder, 'page.md'),
      '[1](docs/there.md#here)\n[2](docs/there.md#where) [3](gone.svg)\n[4](#none) [5](https://example.org/gone)\n',
    );
    expect(brokenLinks(folder, 'page.md')).toEqual([
      { at: 'page.md:2', target: 'docs/there.md#where', why: 'no such heading' },
      { at: 'page.md:2', target: 'gone.svg', why: 'no such file' },
      { at: 'page.md:3', target: '#none', why: 'no such heading' },
    ]);
    rmSync(folder, { recursive: true });
  });
});
