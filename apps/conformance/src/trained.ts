import { readFile } from 'node:fs/promises';
import { findCompiler, NoCompilerError } from '@sp/hls';
import { setBackend } from '@sp/layers';
import { BadFileError } from './bad-file-error.ts';
import { absolute, type Check, worst } from './parity/compare.ts';
import { type CompiledView, compiledView } from './trained/compiled-view.ts';
import { type FixedView, fixedView } from './trained/fixed-view.ts';
import { type FloatView, floatView } from './trained/float-view.ts';
import { denseImages } from './trained/images.ts';
import { limits } from './trained/limits.ts';
import { parseTrainedFile, type TrainedFile, type TrainedNetwork } from './trained/trained-file.ts';

/** Outcome of the `trained` command. */
export interface TrainedReport {
  readonly command: 'trained';
  readonly file: string;
  readonly task: string;
  readonly images: number;
  readonly ok: boolean;
  /** The compiler, or why there is none; then the compiled C++ was not checked. */
  readonly compiler: { readonly found: boolean; readonly note: string };
  readonly networks: readonly NetworkReport[];
  /** Comparisons out of tolerance, worst first. */
  readonly failures: readonly Check[];
}

/** The three views of one published network. */
export interface NetworkReport {
  readonly name: string;
  readonly n: number;
  readonly bits: number;
  /** Float outputs, by backend. */
  readonly float: Readonly<Record<Backend, FloatView>>;
  /** The firmware in the interpreter. */
  readonly fixed: Omit<FixedView, 'graph'>;
  /** The firmware as compiled C++; absent without a compiler. */
  readonly compiled?: CompiledView;
}

type Backend = (typeof backends)[number];

const backends = ['cpu', 'wasm'] as const;

/**
 * Rebuilds published networks from their weights with our layers and checks three views of each: float outputs against the
 * published ones (cpu and wasm backend), decisions of the fixed-point network against the published ones, and compiled C++
 * against the interpreter, code by code.
 *
 * @param path the `.json` file
 * @throws BadFileError when the file is missing or is not what it should be.
 */
export async function trained(path: string): Promise<TrainedReport> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BadFileError(path, `cannot be read: ${(cause as Error).message}`, { cause });
  });
  const file = parseTrainedFile(text, path);
  const compiler = await compilerNote();
  const images = denseImages(file);
  const networks: NetworkReport[] = [];
  const checks: Check[] = [];
  for (const network of file.networks) {
    const float = await floatViews(file, network);
    const { graph, ...fixed } = fixedView(file, network);
    const compiled = compiler.found ? { compiled: await compiledView(graph, images) } : {};
    const report = { name: network.name, n: network.n, bits: network.bits, float, fixed, ...compiled };
    networks.push(report);
    checks.push(...checksOf(report, file.images.length));
  }
  const failures = bySeverity(checks.filter(({ ok }) => !ok));
  const ok = failures.length === 0;
  return {
    command: 'trained',
    file: path,
    task: file.task,
    images: file.images.length,
    ok,
    compiler,
    networks,
    failures,
  };
}

/** The report as a short table for a terminal. */
export function trainedTable(report: TrainedReport): string {
  const { file, task, images, networks, compiler, failures } = report;
  const percent = (count: number): string => `${((100 * count) / images).toFixed(1)} %`;
  const header = [
    'network',
    'n',
    'float cpu',
    'float wasm',
    'worst',
    'at 8 bits',
    'decisions',
    'input',
    'C++ mismatches',
  ];
  const rows = networks.map(({ name, n, float, fixed, compiled }) => [
    name,
    `${n}`,
    percent(float.cpu.reproduced),
    percent(float.wasm.reproduced),
    Math.max(...backends.map((backend) => float[backend].maxDifference)).toExponential(1),
    percent(fixed.byInput[0].agreed),
    percent(fixed.agreed),
    fixed.inputType,
    compiled == null
      ? 'not checked'
      : compiled.error == null
        ? `${compiled.mismatches} of ${compiled.compared}`
        : 'does not run',
  ]);
  const widths = header.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column])].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')}`;
  const notes = networks.flatMap(({ name, float, fixed, compiled }) => [
    ...backends.flatMap((backend) =>
      float[backend].others.map(
        ({ image, difference, cause }) =>
          `  ${name}, ${backend}: image ${image} differs by ${difference.toExponential(1)}${cause == null ? '' : `; ${cause}`}`,
      ),
    ),
    ...(fixed.others.length === 0 ? [] : [`  ${name}: decided otherwise in images ${fixed.others.join(', ')}`]),
    ...(compiled?.error == null ? [] : [`  ${name}: ${compiled.error}`]),
  ]);
  const offender = worst(failures);
  return [
    `trained ${file}: ${networks.length} networks (${task}), ${images} images`,
    line(header),
    ...rows.map(line),
    `  float: images with all outputs within ${limits.output} of the published ones (at least ${100 * (1 - limits.otherImages)} %); worst of them beside it`,
    '  decisions: fixed-point against published, with the input type beside it (at least 98 % at 16 bits, 95 % below)',
    `  C++: ${compiler.note}`,
    ...notes,
    offender == null
      ? '  all within tolerance'
      : `  ${failures.length} out of tolerance; worst offender: ${offender.group}, ${offender.what}`,
  ].join('\n');
}

async function floatViews(file: TrainedFile, network: TrainedNetwork): Promise<Record<Backend, FloatView>> {
  const views: Partial<Record<Backend, FloatView>> = {};
  for (const backend of backends) {
    await setBackend(backend);
    views[backend] = floatView(file, network);
  }
  return views as Record<Backend, FloatView>;
}

async function compilerNote(): Promise<TrainedReport['compiler']> {
  try {
    return { found: true, note: `compiled with ${(await findCompiler()).version}` };
  } catch (error) {
    if (error instanceof NoCompilerError) return { found: false, note: `NOT CHECKED: ${error.message}` };
    throw error;
  }
}

function checksOf({ name, bits, float, fixed, compiled }: NetworkReport, images: number): readonly Check[] {
  const share = (group: string, what: string, count: number, limit: number): Check =>
    absolute(group, what, [count / images], [0], limit);
  const checks = backends.map((backend) => {
    const { others } = float[backend];
    const [first] = others;
    const what = `${name} on ${backend}${first == null ? '' : `: image ${first.image} by ${first.difference}`}`;
    return share('float outputs', what, others.length, limits.otherImages);
  });
  const decided = `${name}: ${fixed.others.length} images`;
  checks.push(share('decisions', decided, fixed.others.length, limits.otherDecisions(bits)));
  if (compiled != null) {
    const deviation = compiled.error == null ? compiled.mismatches : Number.POSITIVE_INFINITY;
    const where = compiled.error == null ? `${name}: node ${compiled.worstNode}` : `${name}: does not compile or run`;
    checks.push(absolute('compiled C++', where, [deviation], [0], limits.mismatches));
  }
  return checks;
}

function bySeverity(failures: readonly Check[]): readonly Check[] {
  const first = worst(failures);
  return first == null ? [] : [first, ...failures.filter((check) => check !== first)];
}
