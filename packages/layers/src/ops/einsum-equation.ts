import { type Equation, letterLengths, repeatsLetter, splitEquation, strayLetter } from '@sp/quant/numeric';
import { LayerError } from '../layer-error.ts';

export type { Equation } from '@sp/quant/numeric';

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
  const split = splitEquation(compact);
  if (split == null) return fail('cannot be read');
  const { operands: terms } = split;
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
    if (repeatsLetter(labels)) fail(`has a letter twice in '${term}'`);
    return labels;
  };
  const result = { operands: terms.map(written), output: written(split.output) };
  const unknown = strayLetter(result);
  if (unknown != null) fail(`has '${unknown}' in the output only`);
  return result;
}

/** Length of every letter. @throws naming `where` when a letter stands for different lengths. */
export function labelSizes(
  operands: readonly string[],
  shapes: readonly (readonly number[])[],
  where: string,
): ReadonlyMap<string, number> {
  return letterLengths(operands, shapes, (label, first, second) => {
    throw new LayerError(
      `${where}: letter '${label}' of the equation is ${first} and ${second} long. Give the axes one size, or two letters.`,
      { option: 'equation', value: label },
    );
  });
}
