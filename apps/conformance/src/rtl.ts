import { type FixedGraph, sizeOf } from '@sp/quant';
import { compareRtl, emitRtl, imageCodes, planRtl, RtlError, type RtlPlan, runIcarus, testImages } from '@sp/rtl';
import { BadFileError } from './bad-file-error.ts';
import { type RtlCase, rtlCases } from './rtl/rtl-case.ts';

/** One network at one interval. */
export interface RtlRow {
  readonly network: string;
  readonly n: number;
  /** Clocks between two images, and from the first part of an image to its results. */
  readonly interval: number;
  readonly latency: number;
  /** Images: real and constructed ones. */
  readonly images: number;
  /** Numbers compared over all nodes and images, and how many of them differ. */
  readonly compared: number;
  readonly mismatches: number;
  /** Every image took the planned clocks. */
  readonly onTime: boolean;
  /** Node with the most mismatches. */
  readonly worstNode?: string;
  /** What the emitted Verilog's testbench said; where it was asked. */
  readonly verilog?: { readonly passed: boolean; readonly output: string };
}

/** Outcome of the `rtl` command. */
export interface RtlReport {
  readonly command: 'rtl';
  readonly file: string;
  readonly ok: boolean;
  readonly rows: readonly RtlRow[];
}

/**
 * Builds networks as hardware and compares the simulated hardware with the interpreter: every number of every node, every clock.
 *
 * @param path a file of published networks, or the folder of a run of the example
 * @param options as typed: `adversarial`, `intervals`, `network`, `verilog`
 * @throws BadFileError for a bad file or an option that is none
 */
export async function rtlReport(path: string, options: Readonly<Record<string, unknown>>): Promise<RtlReport> {
  const adversarial = whole(path, 'adversarial', options['adversarial'] ?? 200, 0, 100_000);
  const intervals = `${options['intervals'] ?? '1,5'}`.split(',').map((each) => whole(path, 'intervals', each, 1, 64));
  const { verilog = false } = options;
  const most = typeof verilog === 'boolean' ? (verilog ? Infinity : 0) : whole(path, 'verilog', verilog, 1, 100_000);
  const cases = await rtlCases(path, options['network'] === undefined ? undefined : `${options['network']}`);
  const rows: RtlRow[] = [];
  for (const one of cases) {
    for (const interval of intervals) {
      const plan = planRtl(one.graph, { interval });
      const row = rowOf(one, plan, adversarial);
      rows.push(most === 0 ? row : { ...row, verilog: await verilogOf(path, one, plan, adversarial, most) });
    }
  }
  const ok = rows.every((row) => row.mismatches === 0 && row.onTime && row.verilog?.passed !== false);
  return { command: 'rtl', file: path, ok, rows };
}

function rowOf({ network, graph, images, count }: RtlCase, plan: RtlPlan, adversarial: number): RtlRow {
  const parts = [compareRtl(plan, images)];
  if (adversarial > 0) parts.push(compareRtl(plan, testImages(graph, adversarial), { inputs: 'codes' }));
  const [worst] = parts.flatMap((part) => part.rows).sort((a, b) => b.mismatches - a.mismatches);
  return {
    network,
    n: slotsOf(graph),
    interval: plan.options.interval,
    latency: plan.latency,
    images: count + adversarial,
    compared: parts.reduce((sum, { compared }) => sum + compared, 0),
    mismatches: parts.reduce((sum, { mismatches }) => sum + mismatches, 0),
    onTime: parts.every(({ onTime }) => onTime),
    ...(worst.mismatches > 0 ? { worstNode: worst.node } : {}),
  };
}

/** As many of the images through the emitted text, half of them real. */
async function verilogOf(
  path: string,
  { graph, images, count }: RtlCase,
  plan: RtlPlan,
  adversarial: number,
  most: number,
): Promise<NonNullable<RtlRow['verilog']>> {
  const real = Math.min(count, Math.ceil(most / 2));
  const some = images.subarray(0, (images.length / count) * real);
  const constructed = testImages(graph, Math.min(adversarial, Math.floor(most / 2)));
  const all = Object.entries(imageCodes(graph, some)).map(([name, codes]) => [name, [...codes, ...constructed[name]]]);
  try {
    return await runIcarus(emitRtl(plan, { images: Object.fromEntries(all) }));
  } catch (cause) {
    if (!(cause instanceof RtlError)) throw cause;
    throw new BadFileError(path, cause.message, { cause });
  }
}

/** Active pixels that a network takes, or all of its input's. */
function slotsOf({ nodes }: FixedGraph): number {
  const input = nodes.find(({ op }) => op === 'input');
  return nodes.find(({ op }) => op === 'reduce')?.slots ?? sizeOf(input?.shape ?? []);
}

/** The report as a short table for a terminal. */
export function rtlTable({ file, rows, ok }: RtlReport): string {
  const inVerilog = rows.some(({ verilog }) => verilog !== undefined);
  const header = ['network', 'n', 'interval', 'latency', 'images', 'mismatches', 'on time'];
  if (inVerilog) header.push('in Icarus Verilog');
  const cells = rows.map((row) => [
    row.network,
    `${row.n}`,
    `${row.interval}`,
    `${row.latency}`,
    `${row.images}`,
    `${row.mismatches} of ${row.compared}`,
    row.onTime ? 'yes' : 'NO',
    ...(inVerilog ? [row.verilog?.passed === true ? 'equal' : 'DIFFERENT'] : []),
  ]);
  const widths = header.map((title, c) =>
    Math.max(...[title, ...cells.map((row) => row[c])].map((cell) => cell.length)),
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ')}`;
  return [`rtl ${file}`, line(header), ...cells.map(line), `  ${ok ? 'all equal, all on time' : offender(rows)}`].join(
    '\n',
  );
}

/** The row that is most wrong, and in what. */
function offender(rows: readonly RtlRow[]): string {
  const worst = rows.reduce((most, row) => (row.mismatches > most.mismatches ? row : most));
  const wrong = worst.mismatches > 0 ? worst : rows.find((row) => !row.onTime || row.verilog?.passed === false);
  if (wrong === undefined) return 'nothing was compared';
  const { network, interval, mismatches, worstNode, onTime, verilog } = wrong;
  const what =
    mismatches > 0 ? `node ${worstNode}` : onTime ? `Icarus Verilog: ${verilog?.output.slice(0, 500)}` : 'not on time';
  return `worst offender: ${network} at interval ${interval}, ${what}`;
}

function whole(path: string, name: string, value: unknown, least: number, most: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new BadFileError(path, `--${name} is ${JSON.stringify(value)}; use whole numbers from ${least} to ${most}`);
  }
  return number;
}
