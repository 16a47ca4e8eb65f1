/**
 * A line of C++ that is a comment and nothing else. Names of nodes and expressions are free text: what ends a line, is invisible, or changes
 * the direction of writing becomes a space, and the line does not end in a backslash (or the trigraph for it), which would take in the next one.
 */
export function comment(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trimEnd();
  return `// ${line}${/(?:\\|\?\?\/)$/.test(line) ? ' .' : ''}`.trimEnd();
}
