import type { RtlPlan } from './plan-rtl.ts';

/** Nanoseconds that the model of delay allows a LUT level with its wiring; see `hdl/levels.ts`. */
const LEVEL = 1;

/**
 * Whether the clock that was asked for leaves every LUT level of a stage the time that the model of delay counts on, 1 ns on UltraScale+: what is wrong and what would
 * do, or undefined.
 *
 * @param levels most levels between two registers. Default those that the plan allows; `synthesise` measures them
 */
export function clockCheck(
  { options: { clockPeriod, levelsPerStage } }: Pick<RtlPlan, 'options'>,
  levels: number = levelsPerStage,
): string | undefined {
  if (levels * LEVEL <= clockPeriod) return undefined;
  const each = (clockPeriod / levels).toFixed(2);
  return `${levels} LUT levels in a clock of ${clockPeriod} ns leave ${each} ns for each, where the plan counts on ${LEVEL}: a clock of ${levels * LEVEL} ns, or fewer levels per stage, is safer`;
}
