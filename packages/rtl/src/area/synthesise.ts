/**
 * The area of a design, measured: every module is mapped to the cells of an UltraScale+ device by the open synthesiser yosys.
 *
 * Two ways. To count, we write a module down as bits ourselves: adders are carry chains, registers are registers, and yosys maps the gates between them to LUTs, each
 * kind of part once. That takes seconds. For netlists yosys reads the Verilog and does all of it, which takes minutes and proves more.
 */
import { createHash } from 'node:crypto';
import { RtlError } from '../errors.ts';
import type { RtlModule } from '../hdl/cell.ts';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import { printModule } from '../verilog/print-module.ts';
import type { AreaCache, CachedArea } from './area-cache.ts';
import { blockArea, wantedBlock } from './block-area.ts';
import { gateBlock } from './gate-block.ts';
import { instanceCounts } from './instance-counts.ts';
import { mappedKinds, partsBlif, partsOf } from './logic-parts.ts';
import { lutLevels } from './lut-levels.ts';
import { type Netlist, readNetlist } from './netlist.ts';
import { NOTHING, plus, type Resources, resourcesOf } from './resources.ts';
import { CELLS, CHAINS, LOGIC_SCRIPT, LUTS, PRODUCTS, REGISTERS, SUMS, yosysScript } from './yosys-files.ts';
import { type YosysJob, type YosysResult, YosysThread } from './yosys-worker.ts';

/** How far `synthesise` is. */
export interface SynthesisProgress {
  /** Blocks done, and of how many. */
  readonly done: number;
  readonly blocks: number;
  /** The block that was done last. */
  readonly module: string;
}

/** Options of `synthesise`. */
export interface SynthesisOptions {
  /** Products of two variables into DSP blocks (true, the default) or into LUTs. */
  readonly dsp?: boolean;
  /** Only these modules, without those in them. Default all. */
  readonly modules?: readonly string[];
  /** Results of earlier runs; see `memoryCache` and `folderCache`. Default none. */
  readonly cache?: AreaCache;
  /** Most seconds for one block. Default 1,800. */
  readonly timeLimit?: number;
  /** Ends the run; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SynthesisProgress) => void;
  /**
   * Read the Verilog and keep the mapped netlists, for simulation: ten times slower, and LUTs may differ by some percent since yosys sees other gates. Nothing is read from
   * the cache. Default false.
   */
  readonly netlists?: boolean;
}

/** One module, mapped. */
export interface BlockArea {
  readonly module: string;
  /** How often it is there in the design. */
  readonly instances: number;
  /** One instance, without the modules in it. */
  readonly area: Resources;
  /** Most LUT levels between two registers, and what the plan says. */
  readonly levels: number;
  readonly plannedLevels: number;
}

/** What `synthesise` found. */
export interface Synthesis {
  readonly blocks: readonly BlockArea[];
  /** All blocks as often as they are there. */
  readonly total: Resources;
  /** Mapped modules by name; with `netlists`. */
  readonly netlists: ReadonlyMap<string, Netlist>;
  /** Blocks that came from the cache. */
  readonly cached: number;
}

/**
 * Maps every module of a design by itself, one after the other, to LUTs, carry chains, registers, shift registers and DSP blocks, and counts
 * them. Needs the package `@yowasp/yosys`, which runs in a thread of its own.
 *
 * Modules are mapped apart from each other, as hierarchy: what a tool would save across their borders is not saved here.
 *
 * @throws RtlError without yosys, for a warning or error of yosys, when a block takes too long
 * @example
 * const { total, blocks } = await synthesise(planRtl(graph, { interval: 5 }), { onProgress: console.log });
 */
export async function synthesise(plan: RtlPlan, options: SynthesisOptions = {}): Promise<Synthesis> {
  const { dsp = true, cache, timeLimit = 1800, signal, onProgress, netlists: keep = false } = options;
  if (!(timeLimit > 0)) throw new RtlError(`timeLimit is ${timeLimit}; give seconds above 0`);
  const { modules } = plan.design;
  const table = new Map(modules.map((module) => [module.name, module]));
  const names = options.modules ?? modules.map(({ name }) => name);
  const unknown = names.find((name) => !table.has(name));
  if (unknown !== undefined) {
    throw new RtlError(`"${unknown}" is no module; modules are ${[...table.keys()].join(', ')}`);
  }
  const counts = instanceCounts(plan.design);
  const blocks: BlockArea[] = [];
  const netlists = new Map<string, Netlist>();
  let thread: YosysThread | undefined;
  let cached = 0;
  try {
    for (const name of names) {
      signal?.throwIfAborted();
      const module = table.get(name)!;
      const what = { module, table, dsp, levels: plan.options.levelsPerStage };
      const key = keyOf(what);
      let found = keep ? undefined : await cache?.get(key);
      if (found !== undefined) cached++;
      else {
        const yosys: Yosys = (job) => {
          thread ??= new YosysThread();
          return checked(thread.run(job, `module ${name}`, timeLimit, signal), name);
        };
        if (keep) {
          const netlist = readNetlist(await yosys(verilogJob(module, table, dsp)), name);
          netlists.set(name, netlist);
          found = { area: resourcesOf(netlist, module), levels: lutLevels(netlist, module, table, what.levels) };
        } else {
          found = await counted(what, yosys);
          await cache?.set(key, found);
        }
      }
      const plannedLevels = module.cells.reduce((most, { level }) => Math.max(most, level), 0);
      blocks.push({ module: name, instances: counts.get(name) ?? 0, ...found, plannedLevels });
      onProgress?.({ done: blocks.length, blocks: names.length, module: name });
    }
  } finally {
    await thread?.close();
  }
  const total = blocks.reduce((sum, { area, instances }) => plus(sum, area, instances), NOTHING);
  return { blocks, total, netlists, cached };
}

/** To be raised when counting changes, so that nothing is taken from older caches. */
const EDITION = 3;

/** Runs yosys and gives the file that was wanted. */
type Yosys = (job: YosysJob) => Promise<string>;

/** A module, and all that its area depends on. */
interface Question {
  readonly module: RtlModule;
  readonly table: ReadonlyMap<string, RtlModule>;
  readonly dsp: boolean;
  readonly levels: number;
}

function keyOf({ module, dsp, levels }: Question): string {
  const text = JSON.stringify([EDITION, LOGIC_SCRIPT, dsp, levels, module], (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

/** Counts a module, with its gates mapped by yosys. */
async function counted({ module, dsp, levels }: Question, yosys: Yosys): Promise<CachedArea> {
  const wanted = wantedBlock(gateBlock(module, levels, dsp));
  const { kinds, parts } = partsOf(wanted.block.gates, wanted.inner, wanted.roots);
  const job = { files: { 'logic.blif': partsBlif(kinds) }, script: LOGIC_SCRIPT, wanted: 'mapped.blif' };
  const mapped = kinds.length === 0 ? [] : mappedKinds(await yosys(job), kinds);
  return blockArea(wanted, parts, mapped, module, dsp);
}

/** The file that was wanted, if there was no complaint. */
async function checked(run: Promise<YosysResult>, name: string): Promise<string> {
  const { log, result, failure } = await run;
  const complaint = /^(?:Warning|ERROR): .*$/m.exec(log)?.[0];
  if (complaint !== undefined || failure !== undefined || result === undefined) {
    throw new RtlError(`yosys about module ${name}: ${complaint ?? failure ?? log.slice(-300)}`);
  }
  return result;
}

function verilogJob(module: RtlModule, table: ReadonlyMap<string, RtlModule>, dsp: boolean): YosysJob {
  const inside = [...new Set(module.cells.flatMap((cell) => (cell.op === 'instance' ? [cell.module] : [])))];
  return {
    files: {
      'cells.v': CELLS,
      'sums.v': SUMS,
      'products.v': PRODUCTS,
      'chains.v': CHAINS,
      'registers.v': REGISTERS,
      'luts.v': LUTS,
      'block.v': printModule(module, table),
      'inside.v': inside.map((name) => shellOf(table.get(name)!, table)).join(''),
    },
    script: yosysScript(module.name, { products: module.cells.some(({ op }) => op === 'mul'), dsp }),
    wanted: 'netlist.json',
  };
}

/** The ports of a module, without contents. */
function shellOf(module: RtlModule, table: ReadonlyMap<string, RtlModule>): string {
  const text = printModule(module, table);
  const start = text.indexOf('module ');
  return `${text.slice(start, text.indexOf(');', start) + 2)}\nendmodule\n`;
}
