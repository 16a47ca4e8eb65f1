import { join } from 'node:path';

/** Where a trial of a study keeps what it goes on from, and what is left of it. */
export function trialFolder(study: string, number: number): string {
  return join(study, 'trials', String(number).padStart(4, '0'));
}
