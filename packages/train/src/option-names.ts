import { suggest } from '@sp/quant/suggest';
import { OptionError } from './option-error.ts';

/**
 * Refuses settings of other names, which would be ignored without a word: TypeScript does not see them in JavaScript nor among spread objects.
 *
 * @param where function named in errors.
 * @throws OptionError naming the setting, the nearest known one if one is near, and all that there are.
 */
export function checkOptionNames(options: object, known: readonly string[], where: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name)) continue;
    const near = suggest(name, known);
    const hint = near === undefined ? '' : `, did you mean '${near}'?`;
    throw new OptionError(`${where}: unknown option '${name}'${hint} (known: ${known.join(', ')})`);
  }
}
