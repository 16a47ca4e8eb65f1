// Links of a built site that lead nowhere: internal pages, files and anchors. Other sites are not asked.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix, sep } from 'node:path';

/**
 * Broken links of all pages of a folder.
 *
 * @param {string} site folder with HTML pages; links that begin with `/` start here
 * @returns {{ links: number, broken: { page: string, target: string, why: string }[] }} how many were followed, and which failed
 */
export function checkSite(site) {
  const pages = new Map(htmlFiles(site).map((path) => [path, readFileSync(join(site, path), 'utf8')]));
  const anchors = new Map([...pages].map(([path, html]) => [path, idsOf(html)]));
  const broken = [];
  let links = 0;
  for (const [page, html] of pages) {
    for (const target of targetsOf(html)) {
      if (/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(target)) continue;
      links++;
      const why = fault(site, page, target, anchors);
      if (why !== undefined) broken.push({ page, target, why });
    }
  }
  return { links, broken };
}

function htmlFiles(site) {
  return readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.html'))
    .map((path) => path.split(sep).join('/'));
}

function idsOf(html) {
  return new Set([...html.matchAll(/<[^>]*?\s(?:id|name)="([^"]+)"/g)].map(([, id]) => unescapeHtml(id)));
}

function targetsOf(html) {
  return [...html.matchAll(/<[a-z][^>]*?\s(?:href|src)="([^"]*)"/g)].map(([, target]) => unescapeHtml(target));
}

function fault(site, page, target, anchors) {
  const [path, anchor] = decodeURI(target).split('#');
  const clean = path.split('?')[0];
  let wanted = page;
  if (clean !== '') wanted = clean.startsWith('/') ? clean.slice(1) : posix.join(posix.dirname(page), clean);
  if (wanted === '' || wanted.endsWith('/')) wanted += 'index.html';
  const file = join(site, wanted);
  if (!existsSync(file) || !statSync(file).isFile()) return 'no such file';
  if (!anchor) return undefined;
  const ids = anchors.get(posix.normalize(wanted));
  if (ids === undefined) return 'an anchor into something that is no page';
  return ids.has(anchor) ? undefined : 'no such anchor';
}

function unescapeHtml(text) {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
