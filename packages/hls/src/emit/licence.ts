import { comment } from './comment.ts';

/** Licence of everything that is emitted, as SPDX has it. The one place that says so; `package.json` and LICENSE are about the same. */
const LICENCE = 'SPDX-License-Identifier: Apache-2.0';

/** The text of a file with the line that names its licence, as a comment of its language; data and JSON have no place for one. */
export function licensed(path: string, text: string): string {
  // What an extension brings is its author's.
  if (path.startsWith('firmware/extensions/')) return text;
  if (/\.(h|cpp)$/.test(path)) return `${comment(LICENCE)}\n${text}`;
  if (path.endsWith('.md')) return `<!-- ${LICENCE} -->\n${text}`;
  if (!/(\.(py|sh|tcl|txt)|(^|\/)Makefile)$/.test(path)) return text;
  // A script's first line names its interpreter.
  const [, interpreter, rest] = /^(#!.*\n)?([\s\S]*)$/.exec(text)!;
  return `${interpreter ?? ''}# ${LICENCE}\n${rest}`;
}
