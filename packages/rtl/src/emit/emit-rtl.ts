import type { RtlPlan } from '../plan/plan-rtl.ts';
import { type TestImages, testImages } from '../vectors/test-images.ts';
import { printModule } from '../verilog/print-module.ts';
import { testbench } from '../verilog/testbench.ts';
import { describeDesign } from './describe-design.ts';

/** Options of `emitRtl`. */
export interface EmitRtlOptions {
  /** Images for the testbench, as codes by input name. Default: 24 of `testImages`. */
  readonly images?: TestImages;
}

/** Text files by path, with `/` between folders. */
export type RtlFiles = ReadonlyMap<string, string>;

/**
 * The design as files in memory: `rtl/<module>.v`, one Verilog-2001 module each; `design.json`, what a surrounding design or script has to know; `tb/`, a
 * self-checking testbench, to be run from the folder above: `iverilog -g2001 -o sim rtl/*.v tb/*.v && vvp sim`.
 *
 * @example
 * for (const [path, text] of emitRtl(planRtl(graph))) console.log(path, text.length);
 */
export function emitRtl(plan: RtlPlan, options: EmitRtlOptions = {}): RtlFiles {
  const { images = testImages(plan.graph, 24) } = options;
  const { modules } = plan.design;
  const table = new Map(modules.map((module) => [module.name, module]));
  const files = new Map<string, string>();
  for (const module of modules) files.set(`rtl/${module.name}.v`, printModule(module, table));
  const { verilog, stimulus, expected } = testbench(plan, images, 'tb/');
  const { name } = modules[modules.length - 1];
  files.set('design.json', `${JSON.stringify(describeDesign(plan), null, 2)}\n`);
  files.set(`tb/${name}_tb.v`, verilog);
  files.set('tb/stimulus.hex', stimulus);
  files.set('tb/expected.hex', expected);
  return files;
}
