/** The lines of the first shell block of a rendered page that mention `word`, as a reader copies them. */
export function shellLines(html: string, word: string): readonly string[] {
  const blocks = [...html.matchAll(/<div class="language-sh[^"]*">[\s\S]*?<code[^>]*>([\s\S]*?)<\/code>/g)];
  const texts = blocks.map((match) => plain(match[1] ?? ''));
  const found = texts.find((text) => text.includes(word));
  if (found === undefined) throw new Error(`no shell block of the page has '${word}'`);
  return found.split('\n').filter((line) => line.trim() !== '');
}

function plain(html: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return html.replaceAll(/<[^>]*>/g, '').replaceAll(/&(#x?[0-9a-f]+|\w+);/gi, (whole, name: string) => {
    if (name in entities) return entities[name] ?? whole;
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return Number.isNaN(code) ? whole : String.fromCodePoint(code);
  });
}
