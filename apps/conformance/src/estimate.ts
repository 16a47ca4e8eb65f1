import { readFile } from 'node:fs/promises';
import { evaluatePublished, FirmwareError } from '@sp/hls';
import type { Agreement } from '@sp/hls/internal';
import { BadFileError } from './bad-file-error.ts';

/** Outcome of the `estimate` command. */
export interface EstimateReport {
  readonly command: 'estimate';
  readonly files: readonly [models: string, scaling: string];
  readonly ok: boolean;
  /** All rows together, then every group. */
  readonly agreements: readonly Agreement[];
  /** Rows outside the model: dense baselines, unknown architectures. */
  readonly skipped: number;
  /** What is asked of all rows together, and what came out. */
  readonly checks: readonly EstimateCheck[];
  /** The row whose estimate is furthest off, relative to its limit. */
  readonly worst?: { readonly name: string; readonly what: string };
}

/** One requirement. */
export interface EstimateCheck {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly ok: boolean;
}

/** Tolerances for the published kernel structure. */
const LIMITS = { exactLatency: 0.97, exactInterval: 0.99, lutError: 0.05, dspError: 0.1 };

/**
 * Estimates published designs without having seen their reports: cycles from the laws of the kernels' loops, area from models fitted on the other rows.
 *
 * @param models file like `vitis_models.csv`
 * @param scaling file like `vitis_scaling.csv`
 * @throws BadFileError when a file is missing or is not what it should be
 */
export async function estimatePublished(models: string, scaling: string): Promise<EstimateReport> {
  const [modelsText, scalingText] = await Promise.all([models, scaling].map(text));
  const { agreements, rows, skipped } = evaluate(modelsText, scalingText, `${models}, ${scaling}`);
  const [all] = agreements;
  if (all.rows === 0) throw new BadFileError(`${models}, ${scaling}`, 'no row that can be estimated');
  const checks: EstimateCheck[] = [
    atLeast('latency exact', all.latencyExact / all.rows, LIMITS.exactLatency),
    atLeast('interval exact', all.intervalExact / all.rows, LIMITS.exactInterval),
    atMost('median error of LUTs', all.lutError, LIMITS.lutError),
    atMost('median error of DSPs', all.dspError, LIMITS.dspError),
  ];
  const [worst] = rows
    .map(({ name, reported, estimated }) => ({
      name,
      off: Math.abs(estimated.latency - reported.latency) / Math.max(reported.latency, 1),
      what: `latency ${estimated.latency} instead of ${reported.latency} cycles`,
    }))
    .sort((a, b) => b.off - a.off);
  return {
    command: 'estimate',
    files: [models, scaling],
    ok: checks.every(({ ok }) => ok),
    agreements,
    skipped,
    checks,
    ...(worst.off === 0 ? {} : { worst: { name: worst.name, what: worst.what } }),
  };
}

/** The report as a short table for a terminal. */
export function estimateTable({ agreements, skipped, checks, worst }: EstimateReport): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const cells = [
    ['rows', '', 'latency exact', 'interval exact', 'off by at most', 'LUT error', 'DSP error'],
    ...agreements.map((row) => [
      row.group,
      String(row.rows),
      percent(row.latencyExact / row.rows),
      percent(row.intervalExact / row.rows),
      `${row.latencyWorst} cycles`,
      percent(row.lutError),
      percent(row.dspError),
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const lines = cells.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
  );
  const failed = checks.filter(({ ok }) => !ok);
  return [
    'estimates for the published kernel structure; area fitted on other rows (of networks: other tasks), errors are medians',
    ...lines.map((line) => `  ${line}`),
    `  ${skipped} rows are outside the model (dense baselines, unknown architectures)`,
    ...(worst === undefined ? [] : [`  furthest off: ${worst.name}, ${worst.what}`]),
    failed.length === 0
      ? '  all within tolerance'
      : `  out of tolerance: ${failed.map(({ what, value, limit }) => `${what} ${percent(value)} (limit ${percent(limit)})`).join('; ')}`,
  ].join('\n');
}

async function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BadFileError(path, `cannot be read: ${(cause as Error).message}`, { cause });
  });
}

function evaluate(models: string, scaling: string, files: string): ReturnType<typeof evaluatePublished> {
  try {
    return evaluatePublished(models, scaling);
  } catch (cause) {
    if (cause instanceof FirmwareError) throw new BadFileError(files, cause.message, { cause });
    throw cause;
  }
}

function atLeast(what: string, value: number, limit: number): EstimateCheck {
  return { what, value, limit, ok: value >= limit };
}

function atMost(what: string, value: number, limit: number): EstimateCheck {
  return { what, value, limit, ok: value <= limit };
}
