/** What a device has. */
export interface PartResources {
  readonly lut: number;
  readonly ff: number;
  readonly dsp: number;
  /** Blocks of 18 kbit. */
  readonly bram: number;
  readonly uram: number;
}

const part = (lut: number, ff: number, dsp: number, bram: number, uram = 0): PartResources => ({
  lut,
  ff,
  dsp,
  bram,
  uram,
});

/** By the beginning of a part number, from AMD's data sheets and product tables (7 series, UltraScale, UltraScale+, Alveo). */
const PARTS: Readonly<Record<string, PartResources>> = {
  xcu250: part(1_728_000, 3_456_000, 12_288, 5_376, 1_280),
  xcu200: part(1_182_240, 2_364_480, 6_840, 4_320, 960),
  xcu280: part(1_303_680, 2_607_360, 9_024, 4_032, 960),
  xcu55: part(1_303_680, 2_607_360, 9_024, 4_032, 960),
  xcu50: part(871_680, 1_743_360, 5_952, 2_688, 640),
  xcvu13p: part(1_728_000, 3_456_000, 12_288, 5_376, 1_280),
  xcvu9p: part(1_182_240, 2_364_480, 6_840, 4_320, 960),
  xcku115: part(663_360, 1_326_720, 5_520, 4_320),
  xcku060: part(331_680, 663_360, 2_760, 2_160),
  xcku040: part(242_400, 484_800, 1_920, 1_200),
  xczu28dr: part(425_280, 850_560, 4_272, 2_160, 80),
  xczu48dr: part(425_280, 850_560, 4_272, 2_160, 80),
  xczu9eg: part(274_080, 548_160, 2_520, 1_824),
  xczu7ev: part(230_400, 460_800, 1_728, 624, 96),
  xczu3eg: part(70_560, 141_120, 360, 432),
  xck26: part(117_120, 234_240, 1_248, 288, 64),
  xc7vx690t: part(433_200, 866_400, 3_600, 2_940),
  xc7k325t: part(203_800, 407_600, 840, 890),
  xc7a200t: part(134_600, 269_200, 740, 730),
  xc7a100t: part(63_400, 126_800, 240, 270),
  xc7a35t: part(20_800, 41_600, 90, 100),
  xc7z020: part(53_200, 106_400, 220, 280),
  xc7z010: part(17_600, 35_200, 80, 120),
};

/**
 * Resources of a device, or undefined when its part number is not among those known here.
 *
 * @param name as the tools take it, e.g. `xcu250-figd2104-2L-e`; upper or lower case
 */
export function partResources(name: string): PartResources | undefined {
  const lower = name.toLowerCase();
  const key = Object.keys(PARTS).find((start) => lower.startsWith(start));
  return key === undefined ? undefined : PARTS[key];
}
