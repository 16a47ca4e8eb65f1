import { type OptionValues, UsageError } from '@sp/quant/cli';

/** Names of the program's options. */
export type OptionName = 'workers' | 'trials' | 'out' | 'json';

/** Values of the program's options, as typed. */
export type Options = OptionValues<OptionName>;

/** Help on the options. */
export const OPTIONS: Readonly<Record<OptionName, string>> = {
  workers: 'N    worker processes (default: as many as cores)',
  trials: 'N     so many trials in all, in the place of what the settings say',
  out: 'FILE     where the result goes',
  json: '         one JSON object as the last line of standard output',
};

/** A whole number ≥ 1 that was typed. */
export function whole(name: OptionName, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--${name} ${text}: give a whole number, 1 or more`);
  return value;
}
