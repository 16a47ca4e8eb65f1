import { type Check, worst } from './compare.ts';

/** Comparisons summed up by group, and those that failed. */
export interface CheckSummary {
  readonly ok: boolean;
  readonly groups: readonly {
    readonly group: string;
    readonly checks: number;
    readonly failed: number;
    /** The comparison that exceeds its limit most, or comes closest to it. */
    readonly worst: Check;
  }[];
  /** The first of them. */
  readonly failures: readonly Check[];
}

/** At most this many failed comparisons are listed. */
const listed = 20;

/** Sums comparisons up. */
export function summarise(checks: readonly Check[]): CheckSummary {
  const groups = [...new Set(checks.map(({ group }) => group))].map((group) => {
    const own = checks.filter((check) => check.group === group);
    return { group, checks: own.length, failed: own.filter(({ ok }) => !ok).length, worst: worst(own) as Check };
  });
  const failures = checks.filter(({ ok }) => !ok);
  return { ok: failures.length === 0, groups, failures: failures.slice(0, listed) };
}

/** One line per group, and one for the worst offender if there is one. */
export function summaryLines({ ok, groups }: CheckSummary): string[] {
  const width = Math.max(...groups.map(({ group }) => group.length));
  const lines = groups.map(({ group, checks, failed, worst: { what, deviation, limit } }) => {
    const numbers = `${deviation.toExponential(1)} (limit ${limit.toExponential(0)})`;
    return `    ${group.padEnd(width)} ${String(checks).padStart(4)} compared, ${failed} failed; worst ${numbers} at ${what}`;
  });
  const offender = worst(groups.map((group) => group.worst));
  return ok || offender == null ? lines : [...lines, `    worst offender: ${offender.group}, ${offender.what}`];
}
