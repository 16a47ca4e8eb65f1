/** The lines of the first shell block of a rendered page that mention `word`, as a reader copies them. */
export function shellLines(html: string, word: string): readonly string[] {
  const found = blocks(html, 'sh').find((text) => text.includes(word));
  if (found === undefined) throw new Error(`no shell block of the page has '${word}'`);
  return found.split('\n').filter((line) => line.trim() !== '');
}

/** Programs of a rendered page by the file name in their first line, `// 1-data.js`. */
export function programs(html: string): ReadonlyMap<string, string> {
  return new Map(
    blocks(html, 'js').map((text) => {
      const name = /^\/\/ ([\w-]+\.js)\n/.exec(text)?.[1];
      if (name === undefined) throw new Error(`a program does not begin with its file name: ${text.slice(0, 40)}`);
      return [name, text];
    }),
  );
}

function blocks(html: string, language: string): readonly string[] {
  const block = new RegExp(`<div class="language-${language}\\b[^"]*">[\\s\\S]*?<code[^>]*>([\\s\\S]*?)</code>`, 'g');
  return [...html.matchAll(block)].map((match) => plain(match[1] ?? ''));
}

function plain(html: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return html.replaceAll(/<[^>]*>/g, '').replaceAll(/&(#x?[0-9a-f]+|\w+);/gi, (whole, name: string) => {
    if (name in entities) return entities[name] ?? whole;
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return Number.isNaN(code) ? whole : String.fromCodePoint(code);
  });
}
