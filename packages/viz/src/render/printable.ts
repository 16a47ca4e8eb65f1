/** All that XML 1.0 does not allow: most control characters and halves of surrogate pairs. */
const notAllowed = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Text with a replacement character for each one that would make an SVG or an HTML page unreadable. */
export function printable(text: string): string {
  return text.replace(notAllowed, '\u{FFFD}');
}
