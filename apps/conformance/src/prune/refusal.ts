import { absolute, type Check, missing } from '../parity/compare.ts';

/** Whether something that has to be refused is refused with our error, not by accident. */
export function refusal(
  group: string,
  what: string,
  attempt: () => unknown,
  error: abstract new (...args: never[]) => Error,
): Check {
  try {
    attempt();
  } catch (thrown) {
    return judged(group, what, thrown, error);
  }
  return missing(group, `${what}: not refused`);
}

/** The same for something that answers later. */
export async function laterRefusal(
  group: string,
  what: string,
  attempt: () => Promise<unknown>,
  error: abstract new (...args: never[]) => Error,
): Promise<Check> {
  try {
    await attempt();
  } catch (thrown) {
    return judged(group, what, thrown, error);
  }
  return missing(group, `${what}: not refused`);
}

function judged(group: string, what: string, thrown: unknown, error: abstract new (...args: never[]) => Error): Check {
  if (thrown instanceof error) return absolute(group, `${what} refused`, [0], [0], 0);
  return missing(group, `${what}: not refused but failed with ${String(thrown)}`);
}
