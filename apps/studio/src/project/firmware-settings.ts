import type { LayerOptions } from '@sp/hls';

/** What a user decides about the firmware; plain data. No choice changes a value. */
export interface FirmwareSettings {
  readonly ioType: 'io_parallel' | 'io_stream';
  readonly strategy: 'auto' | 'latency' | 'resource' | 'resource_unrolled' | 'distributed_arithmetic';
  /** Nanoseconds. */
  readonly clockPeriod: number;
  readonly part: string;
  /** Factors by node, those that differ from the defaults. */
  readonly factors: Readonly<Record<string, NodeFactors>>;
}

/** How one node is built, as `plan` of `@sp/hls` takes it. */
export type NodeFactors = Omit<LayerOptions, 'parallelizationFactor'>;

/** As the packages decide. */
export const firmwareDefaults: FirmwareSettings = {
  ioType: 'io_parallel',
  strategy: 'auto',
  clockPeriod: 5,
  part: 'xcu250-figd2104-2L-e',
  factors: {},
};

/** Parts to choose from; any other can be written. */
export const knownParts: readonly string[] = [
  'xcu250-figd2104-2L-e',
  'xcu280-fsvh2892-2L-e',
  'xcu50-fsvh2104-2-e',
  'xcvu13p-flga2577-2-e',
  'xcvu9p-flga2104-2L-e',
  'xcku115-flvb2104-2-e',
  'xczu9eg-ffvb1156-2-e',
  'xczu7ev-ffvc1156-2-e',
  'xck26-sfvc784-2LV-c',
  'xc7z020clg400-1',
];
