import { decode, type FixedGraph, sizeOf } from '@sp/quant';
import { type Command, readGraph, readInputs, type Terminal, UsageError, writeText } from '@sp/quant/cli';
import { folderCache } from '../area/area-cache.ts';
import { areaTable } from '../area/area-table.ts';
import { compareMapped } from '../area/compare-mapped.ts';
import { type SynthesisOptions, synthesise } from '../area/synthesise.ts';
import { emitRtl } from '../emit/emit-rtl.ts';
import { writeRtl } from '../emit/write-rtl.ts';
import { exploreRtl, type RtlLimits } from '../explore/explore-rtl.ts';
import { exploreRtlTable } from '../explore/explore-rtl-table.ts';
import { clockCheck } from '../plan/clock-check.ts';
import { planRtl } from '../plan/plan-rtl.ts';
import { compareRtl } from '../simulate/compare-rtl.ts';
import { simulateRtl } from '../simulate/simulate-rtl.ts';
import { imageCodes } from '../vectors/image-codes.ts';
import { type TestImages, testImages } from '../vectors/test-images.ts';
import { runIcarus } from '../verilog/run-icarus.ts';
import { BUILD, count, number, type OptionName, type Options, rtlOptions } from './options.ts';

/** All commands by name. */
export const COMMANDS: Readonly<Record<string, Command<OptionName>>> = {
  emit: {
    usage: 'emit GRAPH DIR',
    help: 'write Verilog, testbench and design.json; --images or --random N choose the images of the testbench (default 24)',
    arguments: [2, 2],
    options: [...BUILD, 'images', 'random'],
    async run([path, dir], options, { out }) {
      const graph = await readGraph(path);
      const plan = planRtl(graph, await rtlOptions(options));
      const files = emitRtl(plan, { images: await imagesOf(graph, options, 24) });
      await writeRtl(files, dir);
      out(
        `${files.size} files in ${dir}: ${plan.latency} clocks from image to result, an image every ${plan.options.interval}`,
      );
      const late = clockCheck(plan);
      if (late !== undefined) out(`warning: ${late}`);
      return 0;
    },
  },
  simulate: {
    usage: 'simulate GRAPH',
    help: 'run images through the hardware, clock by clock; results of the outputs line by line, or with --out FILE as JSON',
    arguments: [1, 1],
    options: [...BUILD, 'images', 'random', 'out'],
    async run([path], options, { out }) {
      const graph = await readGraph(path);
      const plan = planRtl(graph, await rtlOptions(options));
      const { outputs, latencies, clocks } = simulateRtl(plan, await imagesOf(graph, options, 100), { taps: false });
      const decoded = [...outputs].map(([name, value]) => {
        const node = graph.nodes.find((candidate) => candidate.name === name)!;
        const numbers = decode(node, value);
        const size = sizeOf(node.shape);
        const rows = Array.from({ length: value.batch }, (_, b) => [...numbers.slice(b * size, (b + 1) * size)]);
        return { name, rows };
      });
      const text = `${JSON.stringify(Object.fromEntries(decoded.map(({ name, rows }) => [name, rows])))}\n`;
      if (options.out === undefined) {
        for (let b = 0; b < decoded[0].rows.length; b++) out(decoded.map(({ rows }) => rows[b].join(' ')).join('  '));
      } else {
        await writeText(options.out, text);
        out(`${latencies.length} images in ${clocks} clocks, ${latencies[0]} each; results in ${options.out}`);
      }
      return 0;
    },
  },
  compare: {
    usage: 'compare GRAPH',
    help: 'interpreter against simulated hardware, every number of every node, on --images FILE or --random N (default 100)',
    arguments: [1, 1],
    options: [...BUILD, 'images', 'random'],
    async run([path], options, { out }) {
      const graph = await readGraph(path);
      const plan = planRtl(graph, await rtlOptions(options));
      const images = await imagesOf(graph, options, 100);
      const { rows, mismatches, compared, onTime } = compareRtl(plan, images, { inputs: 'codes' });
      const width = Math.max(...rows.map(({ node }) => node.length));
      for (const row of rows) {
        const where = row.firstImage === undefined ? '' : `, first in image ${row.firstImage}`;
        out(`${row.node.padEnd(width)}  ${row.mismatches} of ${row.compared}${where}`);
      }
      const clocks = `${plan.latency} clocks, interval ${plan.options.interval}`;
      out(
        `${mismatches} of ${compared} numbers differ; ${onTime ? `every image took ${clocks}` : `not every image took ${clocks}`}`,
      );
      return mismatches === 0 && onTime ? 0 : 1;
    },
  },
  area: {
    usage: 'area GRAPH',
    help: 'LUTs, registers, carry chains, DSPs and LUT levels by block, measured with yosys (npm install @yowasp/yosys)',
    arguments: [1, 1],
    options: [...BUILD, 'products', 'cache', 'out'],
    async run([path], options, { out, progress }) {
      const how = areaOptions(options, progress);
      const plan = planRtl(await readGraph(path), await rtlOptions(options));
      const result = await synthesise(plan, how);
      out(areaTable(plan, result));
      const late = clockCheck(plan, Math.max(...result.blocks.map(({ levels }) => levels)));
      if (late !== undefined) out(`warning: ${late}`);
      if (options.out !== undefined) {
        const { blocks, total } = result;
        await writeText(
          options.out,
          `${JSON.stringify({ latency: plan.latency, options: plan.options, blocks, total }, undefined, 2)}\n`,
        );
      }
      return 0;
    },
  },
  mapped: {
    usage: 'mapped GRAPH',
    help: 'map the emitted Verilog with yosys and run its LUTs, carry chains and registers: every bit of every block in every clock against the words; minutes',
    arguments: [1, 1],
    options: [...BUILD, 'products', 'images', 'random'],
    async run([path], options, { out, progress }) {
      const how = areaOptions(options, progress);
      const graph = await readGraph(path);
      const plan = planRtl(graph, await rtlOptions(options));
      const images = await imagesOf(graph, options, 224);
      const { netlists } = await synthesise(plan, { ...how, netlists: true });
      const { rows, compared, mismatches, cells } = compareMapped(plan, netlists, images);
      const width = Math.max(...rows.map(({ block }) => block.length));
      for (const row of rows) out(`${row.block.padEnd(width)}  ${row.mismatches} of ${row.compared} bits`);
      out(`${mismatches} of ${compared} bits differ, ${cells} cells of the device`);
      return mismatches === 0 ? 0 : 1;
    },
  },
  verilog: {
    usage: 'verilog GRAPH',
    help: 'compile and run the emitted Verilog with its testbench in Icarus Verilog (Debian: iverilog); minutes for large networks',
    arguments: [1, 1],
    options: [...BUILD, 'images', 'random'],
    async run([path], options, { out }) {
      const graph = await readGraph(path);
      const plan = planRtl(graph, await rtlOptions(options));
      const { output, passed } = await runIcarus(emitRtl(plan, { images: await imagesOf(graph, options, 100) }));
      out(output.trimEnd());
      return passed ? 0 : 1;
    },
  },
  explore: {
    usage: 'explore GRAPH',
    help: 'designs from fast to small with estimates, dominated ones marked; with limits (--latency 60 --lut 100000) the smallest within them, --out FILE its options',
    arguments: [1, 1],
    options: [...BUILD, 'latency', 'lut', 'ff', 'dsp', 'out'],
    async run([path], options, { out, progress }) {
      const { interval, ...fixed } = await rtlOptions(options);
      const limits: RtlLimits = Object.fromEntries(
        (['latency', 'lut', 'ff', 'dsp'] as const).flatMap((name) => {
          const text = options[name];
          return text === undefined ? [] : [[name, number(name, text)]];
        }),
      );
      const found = exploreRtl(await readGraph(path), fixed, {
        ...(interval === undefined ? {} : { most: interval }),
        limits,
        ...(progress === undefined
          ? {}
          : { onProgress: (done, of) => progress(done === of ? '' : `${done} of ${of} designs`) }),
      });
      out(exploreRtlTable(found.designs));
      if (Object.keys(limits).length === 0) {
        if (options.out !== undefined)
          throw new UsageError('--out is for the design that is picked: give a limit, such as --latency 60');
        return 0;
      }
      if (found.picked === undefined) throw new UsageError('no design is within these limits; give up one of them');
      out(`picked: ${found.picked.name}`);
      const text = `${JSON.stringify(found.picked.options, undefined, 2)}\n`;
      if (options.out === undefined) out(text.trimEnd());
      else await writeText(options.out, text);
      return 0;
    },
  },
};

/** How to map, as typed. */
function areaOptions({ products = 'dsp', cache }: Options, progress: Terminal['progress']): SynthesisOptions {
  if (products !== 'dsp' && products !== 'lut') throw new UsageError(`--products ${products}: use dsp or lut`);
  return {
    dsp: products === 'dsp',
    ...(cache === undefined ? {} : { cache: folderCache(cache) }),
    ...(progress === undefined
      ? {}
      : {
          onProgress: ({ done, blocks, module }) =>
            progress(done === blocks ? '' : `${done} of ${blocks} blocks: ${module}`),
        }),
  };
}

/** Images as codes: those of a file, brought to the formats of the inputs, or constructed ones. */
async function imagesOf(graph: FixedGraph, { images, random }: Options, usual: number): Promise<TestImages> {
  if (images !== undefined && random !== undefined) {
    throw new UsageError(`--images ${images} --random ${random}: read images or make them up; leave one of them out`);
  }
  if (images === undefined) return testImages(graph, random === undefined ? usual : count(random, graph));
  const inputs = graph.nodes.filter(({ op }) => op === 'input');
  return imageCodes(graph, await readInputs(images, inputs));
}
