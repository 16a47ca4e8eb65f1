import { totalEbops } from '@sp/layers';
import { ebopsTable, setSparseEbopsFactor } from '@sp/train';
import type { FirmwareSettings } from '../project/firmware-settings.ts';
import type { NetworkSpec } from '../project/network.ts';
import { graphOf, plannedFirmware } from './firmware.ts';
import type { StudyData } from './study-data.ts';
import { freshModel } from './train-run.ts';

/** What an untrained network costs. */
export interface Draft {
  readonly ebops: number;
  /** By layer. */
  readonly ebopsByLayer: Readonly<Record<string, number>>;
  /** Of its firmware. */
  readonly latency: number;
  readonly interval: number;
  readonly lut: number;
  readonly ff: number;
  readonly dsp: number;
}

/** Costs of a network before it is trained, at its first bits. */
export function draft(network: NetworkSpec, data: StudyData, firmware: FirmwareSettings): Draft {
  const model = freshModel(network, data, 0);
  try {
    setSparseEbopsFactor(model);
    const { latency, interval, lut, ff, dsp } = plannedFirmware(graphOf(model), { ...firmware, factors: {} }).estimate;
    const ebopsByLayer = Object.fromEntries(ebopsTable(model).map(({ layer, ebops }) => [layer, ebops]));
    return { ebops: totalEbops(model), ebopsByLayer, latency, interval, lut, ff, dsp };
  } finally {
    model.dispose();
  }
}
