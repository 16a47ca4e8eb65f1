import { decode, type FixedGraph, sizeOf } from '@sp/quant';
import {
  type Command,
  madeUpImages,
  type OptionValues,
  readGraph,
  readInputs,
  readLabels,
  readOptions,
  UsageError,
  writeText,
} from '@sp/quant/cli';
import { checkPlan, countFindings } from '../checks/check-plan.ts';
import type { HlsConfig } from '../config/config.ts';
import { type ConfigGranularity, configFromGraph } from '../config/config-from-graph.ts';
import { emit } from '../emit/emit.ts';
import { goldenVectors } from '../emit/golden.ts';
import { write } from '../emit/write.ts';
import { estimate } from '../estimate/estimate.ts';
import { explore, type PlanLimits, pickPlan } from '../explore/explore.ts';
import { exploreFigure } from '../explore/explore-figure.ts';
import { exploreTable } from '../explore/explore-table.ts';
import { kernelOf } from '../kernels/registry.ts';
import { planContexts } from '../plan/contexts.ts';
import { plan } from '../plan/plan.ts';
import { readReports } from '../reports/read-reports.ts';
import { reportLines, reportTable } from '../reports/report-table.ts';
import { type BuildStep, build, type SynthesisTool } from '../run/build.ts';
import { compare } from '../run/compare.ts';
import { compile } from '../run/compile.ts';
import { predict } from '../run/predict.ts';

/** Names of the program's options. */
export type OptionName =
  | 'config'
  | 'images'
  | 'labels'
  | 'random'
  | 'out'
  | 'granularity'
  | 'cxx'
  | 'figure'
  | 'latency'
  | 'interval'
  | 'lut'
  | 'ff'
  | 'dsp'
  | 'bram'
  | 'tool'
  | 'steps'
  | 'top'
  | 'time-limit';

type Options = OptionValues<OptionName>;

/** All commands by name. */
export const COMMANDS: Readonly<Record<string, Command<OptionName>>> = {
  export: {
    usage: 'export GRAPH DIR',
    help: 'write the HLS project of a saved graph; --images or --random N add a testbench; exit code 1 when check finds an error',
    arguments: [2, 2],
    options: ['config', 'images', 'random'],
    async run([path, dir], options, { out: print }) {
      const config = await configOf(options.config);
      const decided = plan(await readGraph(path), config);
      const wantsTestbench = options.images !== undefined || options.random !== undefined;
      const golden = wantsTestbench
        ? { golden: goldenVectors(decided.graph, await imagesOf(decided.graph, options, MOST_IN_TESTBENCH)) }
        : {};
      const files = emit(decided, { ...golden, config });
      await write(files, dir);
      const found = checkPlan(decided);
      for (const { severity, node, what, remedy } of found) print(`${severity}: ${node}: ${what}; ${remedy}`);
      print(`${files.size} files in ${dir}; check for ${decided.settings.backend}: ${countFindings(found)}`);
      return found.some(({ severity }) => severity === 'error') ? 1 : 0;
    },
  },
  compile: {
    usage: 'compile DIR',
    help: 'compile a project’s simulation with g++ or clang++ (CXX, --cxx)',
    arguments: [1, 1],
    options: ['cxx'],
    async run([dir], options, { out: print }) {
      const { executable, cached, compiler } = await compile(dir, compilerOf(options));
      print(`${executable} (${cached ? 'was there' : compiler})`);
      return 0;
    },
  },
  predict: {
    usage: 'predict DIR --images FILE',
    help: 'run the compiled network; --out FILE writes JSON, else numbers are printed line by line',
    arguments: [1, 1],
    options: ['images', 'labels', 'out', 'cxx'],
    async run([dir], options, { out: print }) {
      const project = await compile(dir, compilerOf(options));
      const { inputs, nodes, outputs } = project.description;
      const ports = nodes.filter(({ name }) => inputs.includes(name));
      if (options.images === undefined) throw new UsageError('predict: give the data with --images FILE');
      const values = await predict(project, await readInputs(options.images, ports));
      const decoded = outputs.map((name) => {
        const node = nodes.find((candidate) => candidate.name === name)!;
        const size = sizeOf(node.shape);
        const numbers = decode(node, values[name]);
        return {
          name,
          rows: Array.from({ length: values[name].batch }, (_, b) => [...numbers.slice(b * size, (b + 1) * size)]),
        };
      });
      if (options.out !== undefined) {
        await writeText(
          options.out,
          `${JSON.stringify(Object.fromEntries(decoded.map(({ name, rows }) => [name, rows])))}\n`,
        );
        print(`${decoded[0].rows.length} images in ${options.out}`);
      } else {
        for (let b = 0; b < decoded[0].rows.length; b++) print(decoded.map(({ rows }) => rows[b].join(' ')).join('  '));
      }
      if (options.labels !== undefined) {
        const labels = await readLabels(options.labels);
        const [{ name, rows }] = decoded;
        if (labels.length !== rows.length)
          throw new UsageError(`labels "${options.labels}": ${labels.length} labels for ${rows.length} images`);
        const right = rows.filter((row, b) => row.indexOf(Math.max(...row)) === labels[b]).length;
        print(`${right} of ${rows.length} images have the largest "${name}" where their label says`);
      }
      return 0;
    },
  },
  compare: {
    usage: 'compare GRAPH DIR',
    help: 'interpreter against compiled C++, node by node, on --images FILE or --random N (default 100); with the configuration it was exported with, or --config FILE',
    arguments: [2, 2],
    options: ['config', 'images', 'random', 'cxx'],
    async run([path, dir], options, { out: print }) {
      const network = await readGraph(path);
      const images = await imagesOf(network, options, MOST_AT_ONCE);
      const project = await compile(dir, compilerOf(options));
      const config = options.config === undefined ? (project.description.config ?? {}) : await configOf(options.config);
      const { graph } = plan(network, config);
      const { table, mismatches } = await compare(graph, project, images);
      print(table);
      print(mismatches === 0 ? 'no mismatch' : `${mismatches} mismatches`);
      return mismatches === 0 ? 0 : 1;
    },
  },
  build: {
    usage: 'build DIR',
    help: 'run Vitis HLS or Vivado HLS on a project, where installed, with its log; then what it reports: --steps csim,synth,cosim,export,vsynth (default csim,synth), --top network, axis or kernel',
    arguments: [1, 1],
    options: ['tool', 'steps', 'top', 'time-limit'],
    async run([dir], options, { out: print }) {
      const { tool, steps, top } = options;
      const seconds = Number(options['time-limit'] ?? Number.POSITIVE_INFINITY);
      if (!(seconds > 0)) throw new UsageError(`--time-limit ${options['time-limit']}: give seconds, above 0`);
      if (top !== undefined && !TOPS.includes(top)) throw new UsageError(`--top ${top}: use ${TOPS.join(', ')}`);
      const result = await build(dir, {
        timeLimit: 1000 * seconds,
        log: (line) => line.startsWith('sp-hls: step ') || print(line),
        progress: (step, number, of) => print(`== ${number} of ${of}: ${step}`),
        ...(tool === undefined ? {} : { tool: tool as SynthesisTool }),
        ...(steps === undefined ? {} : { steps: steps.split(',') as BuildStep[] }),
        ...(top === undefined ? {} : { top: top as 'network' }),
      });
      print(`== done: ${result.tool}`);
      if (Object.keys(result.reports).length > 0) print(reportLines(result.reports).join('\n'));
      return result.reports.cosim?.passed === false ? 1 : 0;
    },
  },
  estimate: {
    usage: 'estimate GRAPH [DIR]',
    help: 'latency, interval and area without a vendor tool; with a project’s folder beside its reports',
    arguments: [1, 2],
    options: ['config'],
    async run([path, dir], options, { out: print }) {
      const estimated = estimate(plan(await readGraph(path), await configOf(options.config)));
      print(reportTable(estimated, dir === undefined ? {} : await readReports(dir)));
      const rows = estimated.nodes.filter(({ lut, dsp, latency }) => lut + dsp + latency > 0);
      const width = Math.max(...rows.map(({ node }) => node.length));
      for (const { node, latency, interval, lut, dsp } of rows) {
        print(`${node.padEnd(width)}  latency ${latency}, interval ${interval}, ${lut} LUT, ${dsp} DSP`);
      }
      print(estimated.note);
      return 0;
    },
  },
  explore: {
    usage: 'explore GRAPH',
    help: 'plans from fast to small with their estimates, dominated ones marked; with limits (--latency 60 --lut 100000) the smallest within them, --out FILE its configuration; --figure FILE draws them',
    arguments: [1, 1],
    options: ['config', 'latency', 'interval', 'lut', 'ff', 'dsp', 'bram', 'out', 'figure'],
    async run([path], options, { out: print }) {
      const limits = limitsOf(options);
      const plans = explore(await readGraph(path), await configOf(options.config));
      print(exploreTable(plans));
      const asked = Object.keys(limits).length > 0;
      if (!asked && options.out !== undefined)
        throw new UsageError('--out is for the plan that is picked: give a limit, such as --latency 60');
      const { figure } = options;
      if (figure !== undefined && !figure.endsWith('.svg')) {
        throw new UsageError(`--figure ${figure}: give a file that ends in .svg`);
      }
      const picked = asked ? pickPlan(plans, limits) : undefined;
      if (figure !== undefined) {
        const named = new Set(['default', ...(picked === undefined ? [] : [picked.name])]);
        await writeText(figure, await exploreFigure(plans, [...named]));
      }
      if (picked === undefined) return 0;
      print(`picked: ${picked.name}`);
      const text = `${JSON.stringify(picked.config, undefined, 2)}\n`;
      if (options.out === undefined) print(text.trimEnd());
      else await writeText(options.out, text);
      return 0;
    },
  },
  check: {
    usage: 'check GRAPH',
    help: 'limits of the synthesis tools, with remedies; exit code 1 when one is exceeded',
    arguments: [1, 1],
    options: ['config'],
    async run([path], options, { out: print }) {
      const found = checkPlan(plan(await readGraph(path), await configOf(options.config)));
      for (const { severity, node, what, remedy } of found) print(`${severity}: ${node}: ${what}; ${remedy}`);
      print(countFindings(found));
      return found.some(({ severity }) => severity === 'error') ? 1 : 0;
    },
  },
  factors: {
    usage: 'factors GRAPH',
    help: 'legal factors of every layer, with --config FILE of the graph and the I/O type that it makes',
    arguments: [1, 1],
    options: ['config'],
    async run([path], options, { out: print }) {
      const decided = plan(await readGraph(path), await configOf(options.config));
      for (const context of planContexts(decided)) {
        const factors = kernelOf(context.node).factors?.(context) ?? {};
        for (const [option, values] of Object.entries(factors))
          print(`${context.node.name}: ${option} ${values.join(', ')}`);
      }
      return 0;
    },
  },
  config: {
    usage: 'config GRAPH',
    help: 'a configuration to edit, as JSON; --granularity model, type or name (default)',
    arguments: [1, 1],
    options: ['granularity'],
    async run([path], { granularity = 'name' }, { out: print }) {
      const known: readonly string[] = ['model', 'type', 'name'];
      if (!known.includes(granularity)) throw new UsageError(`--granularity ${granularity}: use ${known.join(', ')}`);
      print(JSON.stringify(configFromGraph(await readGraph(path), granularity as ConfigGranularity), undefined, 2));
      return 0;
    },
  },
};

/** A configuration as JSON; no file, no wishes. */
async function configOf(path: string | undefined): Promise<HlsConfig> {
  return (await readOptions('config', path)) as HlsConfig;
}

/** What `build` can make the top. */
const TOPS: readonly string[] = ['network', 'axis', 'kernel'];

function limitsOf(options: Options): PlanLimits {
  const limits: Record<string, number> = {};
  for (const key of ['latency', 'interval', 'lut', 'ff', 'dsp', 'bram'] as const) {
    const text = options[key];
    if (text === undefined) continue;
    const limit = Number(text);
    if (text.trim() === '' || !Number.isFinite(limit) || limit < 0)
      throw new UsageError(`--${key} ${text}: give a number, the most there may be`);
    limits[key] = limit;
  }
  return limits;
}

function compilerOf({ cxx }: Options): { cxx?: string } {
  return cxx === undefined ? {} : { cxx };
}

/** Most made-up numbers in memory: 1 GiB. */
const MOST_AT_ONCE = 2 ** 27;
/** Most made-up numbers in a testbench, whose data are one text per input and output. */
const MOST_IN_TESTBENCH = 2 ** 24;

async function imagesOf(
  graph: FixedGraph,
  { images, random }: Options,
  most: number,
): Promise<Record<string, Float64Array>> {
  const inputs = graph.nodes.filter(({ op }) => op === 'input');
  if (images !== undefined && random !== undefined)
    throw new UsageError(`--images ${images} --random ${random}: read images or make them up; leave one of them out`);
  if (images !== undefined) return readInputs(images, inputs);
  const count = Number(random ?? 100);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`--random ${random}: give a number of images, at least 1`);
  return Object.fromEntries(inputs.map((input, j) => [input.name, madeUpImages(count, input, most, j + 1)]));
}
