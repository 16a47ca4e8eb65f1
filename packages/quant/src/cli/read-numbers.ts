import { type FileError, parseJson } from '../files/index.ts';
import { UsageError } from './usage-error.ts';

/**
 * The numbers of a text: JSON (nested arrays), or numbers between blanks or commas.
 *
 * @param what names the text in messages
 * @throws UsageError naming the first entry that is no finite number
 */
export function readNumbers(what: string, text: string): number[] {
  const numbers = text.trimStart().startsWith('[') ? fromJson(what, text) : fromWords(what, text);
  if (numbers.length === 0) throw new UsageError(`${what}: no numbers in it; give at least one image`);
  return numbers;
}

function fromWords(what: string, text: string): number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const numbers = words.map(Number);
  const bad = numbers.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw notFinite(what, `entry ${bad + 1}`, words[bad]);
  return numbers;
}

function fromJson(what: string, text: string): number[] {
  let parsed: unknown;
  try {
    parsed = parseJson(text, what);
  } catch (cause) {
    throw new UsageError(`${what}: ${(cause as FileError).problem}`, { cause });
  }
  const numbers: number[] = [];
  const place: number[] = [];
  const collect = (items: readonly unknown[]): void => {
    for (const [j, item] of items.entries()) {
      place.push(j);
      if (Array.isArray(item)) collect(item);
      else if (typeof item === 'number' && Number.isFinite(item)) numbers.push(item);
      else throw notFinite(what, place.map((index) => `[${index}]`).join(''), item);
      place.pop();
    }
  };
  collect(parsed as unknown[]);
  return numbers;
}

function notFinite(what: string, place: string, item: unknown): UsageError {
  const shown = (typeof item === 'number' ? String(item) : JSON.stringify(item)).slice(0, 40);
  // JSON has no NaN: who writes one gets null.
  const hint = item === null ? ' (JSON.stringify writes NaN and Infinity so)' : '';
  return new UsageError(`${what}: ${place} is ${shown}${hint}, no finite number; give numbers as JSON or text`);
}
