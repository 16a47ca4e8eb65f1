import { type OptionValues, UsageError } from '@sp/quant/cli';

/** Names of the program's options. */
export type OptionName =
  | 'workers'
  | 'trials'
  | 'redis'
  | 'queue'
  | 'patience'
  | 'out'
  | 'pick'
  | 'seeds'
  | 'epochs'
  | 'json';

/** Values of the program's options, as typed. */
export type Options = OptionValues<OptionName>;

/** Help on the options. */
export const OPTIONS: Readonly<Record<OptionName, string>> = {
  workers: 'N    worker processes (default: as many as cores)',
  trials: 'N     so many trials in all, in the place of what the settings say',
  redis: 'URL    queue of trials: redis://HOST:PORT; trials then run where sp-search worker does',
  queue: 'NAME   name of the queue (default sp-search)',
  patience: 'S   seconds without a sign of life after which a worker counts as lost (default 30)',
  out: 'FILE     where the report goes (default report.html in the folder of the study)',
  pick: 'N,N,…   trials of the study (default: those that no other beats)',
  seeds: 'N      trainings of each trial, from the seeds 1 … N (default 5)',
  epochs: 'N     epochs of each training (default: as many as a whole trial of the study)',
  json: '         one JSON object as the last line of standard output',
};

/** A whole number ≥ 1 that was typed. */
export function whole(name: OptionName, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--${name} ${text}: give a whole number, 1 or more`);
  return value;
}

/** Numbers of trials that were typed. */
export function picked(text: string): readonly number[] {
  const numbers = text.split(',').map(Number);
  if (text.trim() === '' || !numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) {
    throw new UsageError(`--pick ${text}: give numbers of trials, such as 3,12`);
  }
  return numbers;
}

/** Where the queue is, as typed. */
export function queueOf({ redis, queue }: Options): { readonly url: string; readonly queue?: string } {
  if (redis === undefined) throw new UsageError('--redis is missing: give the address of the queue, redis://HOST:PORT');
  return { url: redis, ...(queue !== undefined && { queue }) };
}
