/** How far one step of a file came. */
export type Stage =
  /** Every number is the recorded one. */
  | { readonly state: 'equal' }
  /** Within the tolerance of float-valued functions, or equal under a condition that the note tells. */
  | { readonly state: 'close'; readonly deviation: number; readonly note?: string }
  /** Other numbers: an error of ours. */
  | { readonly state: 'differs'; readonly deviation: number; readonly what: string }
  /** Refused with a sentence that names the layer; `tolerated` if the class is meant to be refused (`meantRefusals`). */
  | { readonly state: 'refused'; readonly reason: string; readonly tolerated: boolean }
  /** Anything else that was thrown: an error of ours. */
  | { readonly state: 'failed'; readonly reason: string };

/** Whether the stage is as it should be. */
export function passed(stage: Stage | undefined): boolean {
  if (stage == null) return true;
  return stage.state === 'equal' || stage.state === 'close' || (stage.state === 'refused' && stage.tolerated);
}

/** Largest deviation of float-valued functions, relative to values beyond 1 (issue K, "Done when" 1). */
const tolerance = 1e-6;

/** Compares two arrays of numbers. */
export function compareValues(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): Stage {
  if (actual.length !== expected.length) {
    return { state: 'differs', deviation: Number.POSITIVE_INFINITY, what: `${what}: ${actual.length} values` };
  }
  let largest = 0;
  for (let j = 0; j < actual.length; j++) {
    if (Object.is(actual[j], expected[j]) || actual[j] === expected[j]) continue;
    const difference = Math.abs(actual[j] - expected[j]) / Math.max(1, Math.abs(expected[j]));
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  if (largest === 0) return { state: 'equal' };
  return largest <= tolerance ? { state: 'close', deviation: largest } : { state: 'differs', deviation: largest, what };
}

/** The worst of several comparisons. */
export function worstStage(stages: readonly Stage[]): Stage {
  const severity = (stage: Stage): number =>
    stage.state === 'equal' ? -1 : 'deviation' in stage ? stage.deviation : Number.POSITIVE_INFINITY;
  return [...stages].sort((a, b) => severity(b) - severity(a))[0] ?? { state: 'equal' };
}

/** What was thrown, as a stage: errors that name a layer are refusals. */
export function thrownStage(error: unknown, tolerated: boolean): Stage {
  const reason = error instanceof Error ? error.message : String(error);
  if (/^Layer '/.test(reason)) return { state: 'refused', reason, tolerated };
  return { state: 'failed', reason: `${error instanceof Error ? error.name : 'thrown'}: ${reason}` };
}
