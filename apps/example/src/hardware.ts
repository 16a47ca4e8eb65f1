import { join } from 'node:path';
import type { FixedGraph } from '@sp/quant';
import { compareRtl, emitRtl, estimateRtl, planRtl, type Resources, type RtlPlan, testImages, writeRtl } from '@sp/rtl';
import { type Dataset, sliceImages } from '@sp/train';
import type { Fact } from './fact.ts';
import { grouped } from './numbers.ts';

/** The network as pipelined Verilog. */
export interface Hardware {
  readonly plan: RtlPlan;
  readonly estimate: Resources;
  /** Images that went through it clock by clock, numbers compared with the interpreter, and how many of them differ. */
  readonly images: number;
  readonly compared: number;
  readonly mismatches: number;
  readonly onTime: boolean;
}

/** Most test images that are simulated, and constructed ones beside them. */
const [simulated, constructed] = [360, 60];

/** Writes the hardware into `rtl/` of a folder, simulates it clock by clock and estimates its area. */
export async function exportHardware(
  graph: FixedGraph,
  test: Dataset,
  interval: number,
  folder: string,
): Promise<Hardware> {
  const plan = planRtl(graph, { interval });
  const extra = testImages(graph, constructed);
  await writeRtl(emitRtl(plan, { images: testImages(graph, 24) }), join(folder, 'rtl'));
  const count = Math.min(simulated, test.labels.length);
  const { images } = sliceImages(test, 0, count);
  const runs = [compareRtl(plan, images, { taps: true }), compareRtl(plan, extra, { inputs: 'codes' })];
  return {
    plan,
    estimate: estimateRtl(plan).total,
    images: count + constructed,
    compared: runs.reduce((sum, run) => sum + run.compared, 0),
    mismatches: runs.reduce((sum, run) => sum + run.mismatches, 0),
    onTime: runs.every(({ onTime }) => onTime),
  };
}

/** What there is to say of it. */
export function hardwareFacts({ plan, estimate, images, compared, mismatches, onTime }: Hardware): readonly Fact[] {
  const wrong = `${grouped(mismatches)} of ${grouped(compared)} in all nodes`;
  return [
    {
      id: 'verilogLatency',
      label: 'Verilog: clocks from image to result',
      value: `${plan.latency}, an image every ${plan.options.interval}`,
    },
    {
      id: 'verilogLut',
      label: 'Verilog: LUTs by estimate',
      value: `${grouped(estimate.lut + estimate.srl)}, ${grouped(estimate.ff)} registers, ${grouped(estimate.dsp)} DSPs`,
    },
    {
      id: 'verilogMismatches',
      label: 'Verilog: mismatching numbers',
      value: `${wrong}, ${images} images${onTime ? '' : '; not every one on time'}`,
      tone: mismatches === 0 && onTime ? 'good' : 'bad',
    },
  ];
}
