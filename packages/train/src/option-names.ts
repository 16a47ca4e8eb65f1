import { unknownOption } from '@sp/quant/suggest';
import { OptionError } from './option-error.ts';

/**
 * Refuses settings of other names, which would be ignored without a word.
 *
 * @param where function named in errors.
 * @throws OptionError naming the setting, the nearest known one if one is near, and all that there are.
 */
export function checkOptionNames(options: object, known: readonly string[], where: string): void {
  const strange = unknownOption(options, known);
  if (strange !== undefined) throw new OptionError(`${where}: ${strange.complaint}`);
}
