import { LayerError } from '../layer-error.ts';
/** An einsum with ellipses written out: one letter per axis. */
export interface Equation {
  readonly operands: readonly string[];
  readonly output: string;
}

/**
 * Reads an equation like `'bij,bjk->bik'`. An ellipsis stands for all axes of an operand that have no letter.
 *
 * @param ranks number of axes of each operand
 * @throws naming `where` on a malformed equation, a letter twice in one operand, an output letter that no operand has, or
 *   operands of another rank.
 */
export function parseEquation(equation: string, ranks: readonly number[], where: string): Equation {
  const fail = (problem: string): never => {
    throw new LayerError(
      `${where}: equation '${equation}' ${problem}. Write e.g. 'bij,bjk->bik': one letter per axis.`,
      { option: 'equation', value: equation },
    );
  };
  const compact = equation.replace(/\s+/g, '');
  const match = /^((?:[A-Za-z.]+,)*[A-Za-z.]+)->([A-Za-z.]*)$/.exec(compact);
  if (match == null) return fail('cannot be read');
  const terms = match[1].split(',');
  if (terms.length !== ranks.length) fail(`has ${terms.length} operands for ${ranks.length} inputs`);
  const hidden = terms.map((term, operand) => {
    const letters = term.replace('...', '').length;
    const rest = ranks[operand] - letters;
    if (term.includes('...') ? rest < 0 : rest !== 0) {
      fail(`has ${letters} letters for operand ${operand} of rank ${ranks[operand]}`);
    }
    return rest;
  });
  const elided = Math.max(...hidden);
  if (terms.some((term, operand) => term.includes('...') && hidden[operand] !== elided)) {
    fail('hides a different number of axes in its operands');
  }
  const unused = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) => !compact.includes(letter));
  const written = (term: string): string => {
    const labels = term.replace('...', unused.slice(0, elided).join(''));
    if (labels.includes('.')) fail('has stray dots');
    if (new Set(labels).size !== labels.length) fail(`has a letter twice in '${term}'`);
    return labels;
  };
  const operands = terms.map(written);
  const output = written(match[2]);
  const unknown = [...output].find((label) => !operands.some((labels) => labels.includes(label)));
  if (unknown != null) fail(`has '${unknown}' in the output only`);
  return { operands, output };
}

/** Length of every letter. @throws naming `where` when a letter stands for different lengths. */
export function labelSizes(
  operands: readonly string[],
  shapes: readonly (readonly number[])[],
  where: string,
): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [operand, labels] of operands.entries()) {
    for (const [axis, label] of [...labels].entries()) {
      const size = shapes[operand][axis];
      if ((sizes.get(label) ?? size) !== size) {
        throw new LayerError(
          `${where}: letter '${label}' of the equation is ${sizes.get(label)} and ${size} long. Give the axes one size, or two letters.`,
          { option: 'equation', value: label },
        );
      }
      sizes.set(label, size);
    }
  }
  return sizes;
}
