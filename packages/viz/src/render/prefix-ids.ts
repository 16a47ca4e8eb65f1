/** A start tag. Quoted values may hold `>`. */
const tag = /<[a-z](?:[^"<>]|"[^"]*")*>/gi;
const attribute = /([\w:-]+)="([^"]*)"/g;

/** Attributes whose value may be a reference to an id. */
const referring = new Set(['clip-path', 'fill', 'filter', 'mask', 'stroke']);

/** Puts `prefix` on the ids of an SVG and on references to them; text that only looks like one stays as it is. */
export function prefixIds(svg: string, prefix: string): string {
  return svg.replace(tag, (text) =>
    text.replace(attribute, (whole, name: string, value: string) => {
      if (name === 'id') return `id="${prefix}${value}"`;
      if (referring.has(name)) return `${name}="${value.replace(/^url\(#/, () => `url(#${prefix}`)}"`;
      return whole;
    }),
  );
}
