import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** A link of a Markdown page that leads nowhere. */
export interface BrokenLink {
  /** Page, relative to the root, with the line. */
  readonly at: string;
  readonly target: string;
  readonly why: string;
}

/**
 * Links and images of a page that lead to no file or no heading. Links to other sites are not followed; pages under
 * `docs/api/` are made when the site is built, which checks links to them.
 *
 * @param root of the repository
 * @param page relative to `root`
 */
export function brokenLinks(root: string, page: string): BrokenLink[] {
  const text = readFileSync(join(root, page), 'utf8');
  return linksOf(text).flatMap(({ target, line }) => {
    const why = fault(root, page, target);
    return why === undefined ? [] : [{ at: `${page}:${line}`, target, why }];
  });
}

/** All Markdown links, images and link-like front matter of a text, code aside. */
export function linksOf(markdown: string): { readonly target: string; readonly line: number }[] {
  return withoutCode(markdown)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|^\s+link: (\S+)|(?:src|href)="([^"]+)"/g)].map(
        (match) => ({
          target: match[1] ?? match[2] ?? match[3]!,
          line: index + 1,
        }),
      ),
    );
}

/** Identifiers of the headings of a text, as GitHub and VitePress make them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutCode(markdown, false).matchAll(/^#{1,6}\s+(.+?)\s*$/gm)) {
    const plain = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    let unique = slug;
    for (let count = 1; anchors.has(unique); count++) unique = `${slug}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

function fault(root: string, page: string, target: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [path, anchor] = decodeURI(target).split('#') as [string, string | undefined];
  const home = path.startsWith('/') ? join(root, 'docs') : join(root, dirname(page));
  const wanted = path === '' ? join(root, page) : join(home, path);
  if (relative(join(root, 'docs', 'api'), wanted).split('/')[0] !== '..') return undefined;
  const file = [wanted, `${wanted}.md`].find((candidate) => existsSync(candidate));
  if (file === undefined) return 'no such file';
  if (anchor === undefined) return undefined;
  if (!file.endsWith('.md') || !statSync(file).isFile()) return 'an anchor into something that is no page';
  return anchorsOf(readFileSync(file, 'utf8')).has(anchor) ? undefined : 'no such heading';
}

/** Blanks out fenced blocks and, unless told otherwise, code spans; lines keep their numbers. */
function withoutCode(markdown: string, spans = true): string {
  const fenced = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, ''));
  return spans ? fenced.replace(/`[^`\n]*`/g, '') : fenced;
}
