import type { AxiInput } from '../axi/axi-shape.ts';
import { axiShape } from '../axi/axi-shape.ts';
import { axiTestbench } from '../axi/axi-testbench.ts';
import { axiWrapper } from '../axi/axi-wrapper.ts';
import { skidBuffer } from '../axi/skid-buffer.ts';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import { cocotbFiles } from '../scripts/cocotb-test.ts';
import { vendorScripts } from '../scripts/vendor-scripts.ts';
import { verilatorFiles } from '../scripts/verilator-main.ts';
import { portWords } from '../vectors/port-words.ts';
import { type TestImages, testImages } from '../vectors/test-images.ts';
import { printModule } from '../verilog/print-module.ts';
import { testbench } from '../verilog/testbench.ts';
import { describeDesign } from './describe-design.ts';

/** Options of `emitRtl`. */
export interface EmitRtlOptions {
  /** Images for the testbenches, as codes by input name. Default: 24 of `testImages`. */
  readonly images?: TestImages;
  /**
   * How an image comes in on the AXI4-Stream: in as many beats as it has parts, or whole in one wide beat. Default `'parts'`; the
   * same with an interval of 1.
   */
  readonly axiInput?: AxiInput;
}

/** Text files by path, with `/` between folders. */
export type RtlFiles = ReadonlyMap<string, string>;

/**
 * The design as files in memory:
 *
 * - `rtl/<module>.v`, one Verilog-2001 module each; `design.json`, what a surrounding design or script has to know;
 * - `axi/`, the design behind AXI4-Streams; `constraints/` and `vivado/`, out-of-context synthesis, a project and an IP; `yosys/`, the same with yosys;
 * - `tb/`, `axi/tb/`, self-checking testbenches, to be run from the folder above: `iverilog -g2001 -o sim rtl/*.v tb/*.v && vvp sim`, and `iverilog -g2001 -o sim rtl/*.v
 *   axi/*.v axi/tb/*.v && vvp sim`; `cocotb/` and `verilator/`, the first of them for cocotb and Verilator.
 *
 * @example
 * for (const [path, text] of emitRtl(planRtl(graph))) console.log(path, text.length);
 */
export function emitRtl(plan: RtlPlan, options: EmitRtlOptions = {}): RtlFiles {
  const { images = testImages(plan.source, 24), axiInput = 'parts' } = options;
  const { modules } = plan.design;
  const table = new Map(modules.map((module) => [module.name, module]));
  const { name } = modules[modules.length - 1];
  const words = portWords(plan, images);
  const axi = axiShape(plan, axiInput);
  const lines = (list: readonly string[]): string => `${list.join('\n')}\n`;
  return new Map([
    ...modules.map((module) => [`rtl/${module.name}.v`, printModule(module, table)] as const),
    ['design.json', `${JSON.stringify(describeDesign(plan, axi), null, 2)}\n`],
    [`tb/${name}_tb.v`, testbench(plan, words, 'tb/')],
    ['tb/stimulus.hex', lines(words.stimulus)],
    ['tb/expected.hex', lines(words.expected)],
    [`axi/${axi.name}.v`, axiWrapper(plan, axi)],
    [`axi/${axi.skid}.v`, skidBuffer(axi.skid)],
    [`axi/tb/${axi.name}_tb.v`, axiTestbench(axi, words, plan.options.interval, 'tb/')],
    ...cocotbFiles(name),
    ...verilatorFiles(plan, words),
    ...vendorScripts(plan, axi.name),
  ]);
}
