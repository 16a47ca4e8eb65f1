import { FirmwareError } from '../errors.ts';
import type { ExploredPlan } from './explore.ts';

/**
 * Explored plans as an SVG drawing: latency against each kind of resource, dominated plans hollow. Needs the optional package `@sp/viz`.
 *
 * @param named plans whose names are written beside their marks
 * @throws FirmwareError without `@sp/viz`
 */
export async function exploreFigure(plans: readonly ExploredPlan[], named: readonly string[]): Promise<string> {
  const { exploredPlans, renderSvg } = await import('@sp/viz').catch((cause: unknown) => {
    throw new FirmwareError('a figure needs the package @sp/viz; npm install @sp/viz', { cause });
  });
  const costs = plans.map(({ name, estimate: { latency, lut, ff, dsp, bram }, dominatedBy }) => ({
    name,
    latency,
    lut,
    ff,
    dsp,
    bram,
    dominated: dominatedBy !== undefined,
  }));
  return renderSvg(exploredPlans(costs, { named }));
}
