import { readFile } from 'node:fs/promises';
import { setBackend } from '@sp/layers';
import { compareRtl, planRtl, testImages } from '@sp/rtl';
import { BadFileError } from './bad-file-error.ts';
import { fixedView } from './trained/fixed-view.ts';
import { denseImages } from './trained/images.ts';
import { parseTrainedFile } from './trained/trained-file.ts';

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
}

/** Outcome of the `rtl` command. */
export interface RtlReport {
  readonly command: 'rtl';
  readonly file: string;
  readonly ok: boolean;
  readonly rows: readonly RtlRow[];
}

/**
 * Builds the published networks of a file as hardware and compares the simulated hardware with the interpreter: every number of every node, every clock.
 *
 * @param options as typed: `adversarial`, `intervals`, `network`
 * @throws BadFileError for a bad file or an option that is none
 */
export async function rtlReport(path: string, options: Readonly<Record<string, unknown>>): Promise<RtlReport> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BadFileError(path, `cannot be read: ${(cause as Error).message}`, { cause });
  });
  const file = parseTrainedFile(text, path);
  const adversarial = whole(path, 'adversarial', options['adversarial'] ?? 200, 0, 100_000);
  const intervals = `${options['intervals'] ?? '1,5'}`.split(',').map((each) => whole(path, 'intervals', each, 1, 64));
  const wanted = options['network'] === undefined ? undefined : `${options['network']}`;
  const networks = file.networks.filter(({ name }) => wanted === undefined || name === wanted);
  if (networks.length === 0) {
    const names = file.networks.map(({ name }) => name).join(', ');
    throw new BadFileError(path, `has no network ${JSON.stringify(wanted)}; it has ${names}`);
  }
  await setBackend('cpu');
  const rows: RtlRow[] = [];
  for (const network of networks) {
    const { graph } = fixedView(file, network);
    for (const interval of intervals) {
      const plan = planRtl(graph, { interval });
      const real = compareRtl(plan, denseImages(file));
      const parts = [real];
      if (adversarial > 0) parts.push(compareRtl(plan, testImages(graph, adversarial), { inputs: 'codes' }));
      const [worst] = parts.flatMap((part) => part.rows).sort((a, b) => b.mismatches - a.mismatches);
      rows.push({
        network: network.name,
        n: network.n,
        interval,
        latency: plan.latency,
        images: file.images.length + adversarial,
        compared: parts.reduce((sum, { compared }) => sum + compared, 0),
        mismatches: parts.reduce((sum, { mismatches }) => sum + mismatches, 0),
        onTime: parts.every(({ onTime }) => onTime),
        ...(worst.mismatches > 0 ? { worstNode: worst.node } : {}),
      });
    }
  }
  return { command: 'rtl', file: path, ok: rows.every((row) => row.mismatches === 0 && row.onTime), rows };
}

/** The report as a short table for a terminal. */
export function rtlTable({ file, rows, ok }: RtlReport): string {
  const header = ['network', 'n', 'interval', 'latency', 'images', 'mismatches', 'on time'];
  const cells = rows.map((row) => [
    row.network,
    `${row.n}`,
    `${row.interval}`,
    `${row.latency}`,
    `${row.images}`,
    `${row.mismatches} of ${row.compared}`,
    row.onTime ? 'yes' : 'NO',
  ]);
  const widths = header.map((title, c) =>
    Math.max(...[title, ...cells.map((row) => row[c])].map((cell) => cell.length)),
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ')}`;
  const worst = rows.reduce((most, row) => (row.mismatches > most.mismatches ? row : most));
  const late = rows.find((row) => !row.onTime);
  const end = ok
    ? 'all equal, all on time'
    : worst.mismatches > 0
      ? `worst offender: ${worst.network} at interval ${worst.interval}, node ${worst.worstNode}`
      : `worst offender: ${late?.network} at interval ${late?.interval}: not on time`;
  return [`rtl ${file}`, line(header), ...cells.map(line), `  ${end}`].join('\n');
}

function whole(path: string, name: string, value: unknown, least: number, most: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new BadFileError(path, `--${name} is ${JSON.stringify(value)}; use whole numbers from ${least} to ${most}`);
  }
  return number;
}
