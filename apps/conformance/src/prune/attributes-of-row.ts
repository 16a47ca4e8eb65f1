import type { OptimizationAttributes, Structure } from '@sp/train/internal';
import {
  dspBramObjective,
  dspObjective,
  ffObjective,
  flopObjective,
  type ObjectiveEstimator,
  optimizationAttributes,
  parameterObjective,
} from '@sp/train/prune';
import { asList, asNumber, asRow, asText, FixtureError } from '../legacy/fixture.ts';

/** The objectives by upstream's names. */
export const OBJECTIVES: Readonly<Record<string, ObjectiveEstimator>> = {
  Parameter: parameterObjective,
  GPUFLOP: flopObjective,
  VivadoDSP: dspObjective,
  VivadoFF: ffObjective,
  VivadoMulti: dspBramObjective,
  Mock: mockObjective(),
};

/** All weights, and one group's for any that is not kept, also when it is shared (README of the fixtures). */
function mockObjective(): ObjectiveEstimator {
  return {
    ...parameterObjective,
    name: 'Mock',
    layerSavings: (layer) =>
      parameterObjective.layerSavings({
        ...layer,
        optimizationAttributes: { ...layer.optimizationAttributes, pruning: true, weightSharing: false },
      }),
  };
}

/** Attributes as the fixtures write them. @throws FixtureError */
export function attributesOfRow(value: unknown, where: string): OptimizationAttributes {
  const row = asRow(value, where);
  return optimizationAttributes({
    structure: asText(row['structure'], `${where}.structure`) as Structure,
    pruning: asFlag(row['pruning'], `${where}.pruning`),
    weightSharing: asFlag(row['weight_sharing'], `${where}.weight_sharing`),
    blockShape: asNumbers(row['block_shape'], `${where}.block_shape`) as unknown as readonly [number, number],
    patternOffset: asNumber(row['pattern_offset'], `${where}.pattern_offset`),
    consecutivePatterns: asNumber(row['consecutive_patterns'], `${where}.consecutive_patterns`),
  });
}

/** @throws FixtureError */
export function asNumbers(value: unknown, where: string): number[] {
  return asList(value, where).map((x, j) => asNumber(x, `${where}[${j}]`));
}

/** True, false, 1 or 0. @throws FixtureError */
export function asFlag(value: unknown, where: string): boolean {
  if (value === true || value === 1) return true;
  if (value === false || value === 0) return false;
  throw new FixtureError(where, 'true or false');
}
