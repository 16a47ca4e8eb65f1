import { partResources } from '@sp/quant/parts';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import { NOTHING, plus, type Resources } from './resources.ts';
import type { Synthesis } from './synthesise.ts';

const COLUMNS = ['block', 'instances', 'LUT', 'SRL', 'FF', 'CARRY8', 'DSP', 'BRAM', 'levels'] as const;

/** The area of a design as aligned text: a line per block with all its instances, the total, and its share of the device. */
export function areaTable({ options, latency }: RtlPlan, { blocks, total }: Synthesis): string {
  const cells = ({ lut, srl, ff, carry, dsp, bram }: Resources): string[] =>
    [lut, srl, ff, carry, dsp, bram].map((count) => count.toLocaleString('en'));
  const rows = blocks.map(({ module, instances, area, levels }) => [
    module,
    `${instances}`,
    ...cells(plus(NOTHING, area, instances)),
    `${levels}`,
  ]);
  const most = Math.max(0, ...blocks.map(({ levels }) => levels));
  const lines = [[...COLUMNS], ...rows, ['total', '', ...cells(total), `${most}`]];
  const device = partResources(options.part);
  if (device !== undefined) {
    const share = (part: number, all: number): string => `${((100 * part) / all).toFixed(1)} %`;
    const { lut, srl, ff, dsp, bram } = total;
    lines.push([
      `of ${options.part}`,
      '',
      share(lut + srl, device.lut),
      '',
      share(ff, device.ff),
      '',
      share(dsp, device.dsp),
      share(2 * bram, device.bram),
      '',
    ]);
  }
  const widths = COLUMNS.map((_, c) => Math.max(...lines.map((row) => row[c].length)));
  const align = (row: readonly string[]): string =>
    row
      .map((text, c) => (c === 0 ? text.padEnd(widths[c]) : text.padStart(widths[c])))
      .join('  ')
      .trimEnd();
  return [
    ...lines.map(align),
    `${latency} clocks from image to result, an image every ${options.interval}; blocks mapped apart by yosys for UltraScale+, no place and route`,
  ].join('\n');
}
