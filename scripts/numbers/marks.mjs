// Marks of measured numbers in Markdown pages, as data.
//
// A comment below the numbers says which command gives them:
//
//   <!-- numbers: npm start -- --out runs/numbers
//   95.56 % ± 0.9 | test accuracy, compiled C\+\+ +([\d.]+) %
//   68,115 ± 10 % | EBOPs +([\d,]+)
//   -->
//
// Left of the bar the number as it stands on the page, and how far from it the command may end: in the number's unit, or in percent of it. Right of it what
// finds the number in the command's output. `numbers, nightly:` marks what costs more than a minute; `numbers, recorded:` what no command of this checkout
// can give, with who measured what instead of a command, and the numbers alone.

/** One number of a page and where its command prints it. */
const line = /^(?<text>[^±|]*?\d[^±|]*?) ± (?<tolerance>[\d.]+)(?<relative> %)? \| (?<pattern>\S.*)$/;
const comment = /<!-- numbers(?:, (?<kind>nightly|recorded))?: (?<command>[^\n]+)\n(?<lines>[\s\S]*?)\n?-->/g;

/** The page without its comments. */
export function visible(text) {
  return text.replaceAll(/<!--[\s\S]*?-->/g, '');
}

/** `68,115` → 68115, `95.56 %` → 95.56, `−3` → −3. */
export function numberIn(text) {
  const [number] = /[-−]?\d[\d,]*(?:\.\d+)?/.exec(text) ?? [];
  return number === undefined ? Number.NaN : Number(number.replaceAll(',', '').replace('−', '-'));
}

/**
 * All marks of a page.
 *
 * @returns marks `{ page, command, kind, numbers: [{ text, value, tolerance, pattern }] }`, kind 'cheap', 'nightly' or 'recorded', and what is wrong with them, a line each.
 */
export function readMarks(page, text) {
  const shown = visible(text);
  const problems = [];
  const begun = [...text.matchAll(/<!--\s*numbers/g)].length;
  const marks = [...text.matchAll(comment)].map(({ groups }) => {
    const { kind = 'cheap' } = groups;
    const numbers = groups.lines.split('\n').flatMap((given) => {
      const say = (what) => {
        problems.push(`${page}: '${given}': ${what}`);
        return [];
      };
      if (kind === 'recorded') {
        return stands(given.trim(), shown)
          ? [{ text: given.trim(), value: numberIn(given) }]
          : say('does not stand on the page');
      }
      const found = line.exec(given.trim());
      if (found === null) return say("is not 'NUMBER ± TOLERANCE | PATTERN'");
      const { text: number, tolerance, relative, pattern } = found.groups;
      let expression;
      try {
        expression = new RegExp(pattern, 'm');
      } catch (error) {
        return say(error.message);
      }
      if (new RegExp(`${pattern}|`).exec('').length !== 2) return say('the pattern needs one group ( ), the number');
      if (!stands(number, shown)) return say(`'${number}' does not stand on the page`);
      const value = numberIn(number);
      const reach = relative === undefined ? Number(tolerance) : (Math.abs(value) * Number(tolerance)) / 100;
      return [{ text: number, value, tolerance: reach, pattern: expression }];
    });
    return { page, command: groups.command.trim(), kind, numbers };
  });
  if (marks.length !== begun) {
    problems.push(`${page}: ${begun - marks.length} comments begin like marks of numbers and are none`);
  }
  return { marks, problems };
}

/** Whether a number stands in a text by itself, not as a part of another one. */
function stands(number, text) {
  const escaped = number.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '\\s+');
  return new RegExp(`(?<![\\d.,])${escaped}(?![\\d]|[.,]\\d)`).test(text);
}

/** What is wrong with the numbers that a command has printed; nothing for an empty list. */
export function compareNumbers({ page, command, numbers }, output) {
  return numbers.flatMap(({ text, value, tolerance, pattern }) => {
    const printed = pattern.exec(output)?.[1];
    if (printed === undefined) return [`${page}: '${text}': ${command} prints nothing like ${pattern.source}`];
    const now = numberIn(printed);
    // What is printed is rounded, and so is what stands on the page.
    if (Math.abs(now - value) <= tolerance * (1 + 1e-9)) return [];
    return [`${page}: '${text}': ${command} gives ${printed}; at most ${tolerance} away is allowed`];
  });
}

/** Numbers that look measured (with a unit of speed, cost or quality) and that no mark of their page names. */
export function unmarked(text, marks) {
  const known = marks.flatMap(({ numbers }) => numbers.flatMap(({ text }) => text.split('–').map(numberIn)));
  const prose = visible(text).replaceAll(/^```(?!\n)[^\n]*\n[\s\S]*?^```/gm, '');
  const measured =
    /(?<![\d.,\w-])\d[\d,]*(?:\.\d+)?(?=\s?(?:%|×(?! \d)|images\/s|EBOPs|LUTs?\b|cycles?\b|ns\b|µs\b|seconds?\b|s\b))/g;
  return [...prose.matchAll(measured)].map(([found]) => found).filter((found) => !known.includes(numberIn(found)));
}
