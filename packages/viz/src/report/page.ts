import { type ThemeName, themes } from '../theme/theme.ts';
import { anchor, escapeHtml } from './html.ts';

/** A chapter of the page; `body` is HTML. */
export interface Section {
  readonly title: string;
  readonly body: string;
}

/** Which colours the page has: one theme, or the one the reader's system prefers. */
export type PageTheme = ThemeName | 'auto';

/**
 * A page that stands alone: styles inside, no script, and a policy that forbids the browser to fetch anything.
 */
export function pageHtml(title: string, intro: string, sections: readonly Section[], theme: PageTheme): string {
  const links = sections.map((section) => `<a href="#${anchor(section.title)}">${escapeHtml(section.title)}</a>`);
  const chapters = sections.map(
    ({ title: heading, body }) =>
      `<section id="${anchor(heading)}">\n<h2>${escapeHtml(heading)}</h2>\n${body}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="${theme === 'auto' ? 'light dark' : theme}">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>
${styles(theme)}
</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
${intro}
${links.length > 1 ? `<nav>${links.join(' ')}</nav>` : ''}
</header>
<main>
${chapters.join('\n')}
</main>
</body>
</html>
`;
}

function styles(theme: PageTheme): string {
  const colors =
    theme === 'auto'
      ? `:root { ${variables('light')} }\n@media (prefers-color-scheme: dark) { :root { ${variables('dark')} } }`
      : `:root { ${variables(theme)} }`;
  return `${colors}
* { box-sizing: border-box; }
body { margin: 0; background: var(--background); color: var(--text);
  font: 16px/1.5 system-ui, 'DejaVu Sans', Verdana, sans-serif; }
header, main { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
main { padding-bottom: 64px; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 1.4rem; margin: 48px 0 12px; padding-bottom: 6px; border-bottom: 2px solid var(--grid); }
h3 { font-size: 1.05rem; margin: 24px 0 6px; }
p { margin: 6px 0 12px; max-width: 46em; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 20px 0 0; }
a { color: var(--accent); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 12px; margin: 24px 0 0; }
.fact { background: var(--panel); border-radius: 8px; padding: 10px 14px;
  display: flex; flex-direction: column; justify-content: space-between; }
.fact dt { color: var(--muted); font-size: 0.85rem; }
.fact dd { margin: 0; font-size: 1.4rem; font-weight: 600; overflow-wrap: break-word; }
.fact .wordy { font-size: 1.05rem; }
.fact small { display: block; font-size: 0.8rem; font-weight: 400; color: var(--muted); }
.good { color: var(--good); }
.bad { color: var(--warning); font-weight: 600; }
.scroll { overflow-x: auto; }
figure { margin: 20px 0; overflow-x: auto; }
figure svg { display: block; max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 18px 4px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
th { color: var(--muted); font-weight: 600; }
.number { text-align: right; }
code { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 0.92em; }
.only-dark { display: none; }
@media (prefers-color-scheme: dark) { .only-light { display: none; } .only-dark { display: block; } }
@media (max-width: 700px) { header, main { padding: 0 16px; } h1 { font-size: 1.6rem; }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  table { font-size: 0.8rem; } th, td { padding-right: 10px; }
  figure svg { max-width: none; width: max(100%, 0.62 * var(--natural)); } }
@media print { section { break-inside: avoid; } nav { display: none; } }`;
}

function variables(name: ThemeName): string {
  const { background, panel, text, muted, grid, accent, warning, good } = themes[name];
  return Object.entries({ background, panel, text, muted, grid, accent, warning, good })
    .map(([key, value]) => `--${key}: ${value};`)
    .join(' ');
}
