/** The ```ts blocks of a Markdown text, in order. A block whose fence says `ts no-run` is only for reading. */
export function tsBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts[ \t]*\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
}
