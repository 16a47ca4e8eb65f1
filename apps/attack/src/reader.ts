import { sealed } from '@sp/quant/files';
import type { Dice } from './dice.ts';
import { deepJson, mutateData } from './mutate.ts';

/** Something that reads, with damaged things to read. */
export interface Reader {
  readonly name: string;
  /** How many of 100 tries. */
  readonly share: number;
  /**
   * Reads something damaged.
   *
   * @returns whether what came back is right: what was written, or anything where damage cannot be told from content
   */
  attempt(dice: Dice): Promise<boolean> | boolean;
}

/** Whether two things are the same as JSON. */
export const same = (a: unknown, b: unknown): boolean => deepJson(a) === deepJson(b);

/** JSON with another content and a checksum that fits: as a program writes it that does not know better. */
export function resealed(text: string, dice: Dice): string {
  const { sha256: _, ...content } = JSON.parse(text) as Record<string, unknown>;
  const changed = mutateData(content, dice);
  try {
    return JSON.stringify(sealed(changed as object));
  } catch {
    return deepJson(changed);
  }
}
