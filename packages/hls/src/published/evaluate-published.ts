/** The estimates for the published kernel structure against the published reports, by cross-validation. */
import { median, relativeError } from './log-linear.ts';
import { fitKernelArea, fitNetworkArea, kernelDsp, kernelLut, networkArea } from './published-area.ts';
import { type Cycles, kernelCycles, networkCycles } from './published-laws.ts';
import {
  type KernelRow,
  type NetworkRow,
  type ReportedCost,
  readKernelRows,
  readNetworkRows,
} from './published-rows.ts';

/** One report and what was estimated for it without having seen it. */
export interface EstimatedRow {
  /** Kernel or `network`. */
  readonly group: string;
  readonly name: string;
  readonly reported: ReportedCost;
  readonly estimated: ReportedCost;
}

/** Agreement over a group of rows. */
export interface Agreement {
  readonly group: string;
  readonly rows: number;
  /** Rows whose latency is exact. */
  readonly latencyExact: number;
  /** Rows whose interval is exact. */
  readonly intervalExact: number;
  /** Rows whose latency and interval are exact. */
  readonly bothExact: number;
  /** Largest difference of latencies in cycles. */
  readonly latencyWorst: number;
  /** Median relative error of the LUTs. */
  readonly lutError: number;
  /** Median relative error of the DSPs over the rows that have any, reported or estimated; 0 when there are none. */
  readonly dspError: number;
}

/** What `evaluatePublished` finds. */
export interface PublishedEvaluation {
  readonly rows: readonly EstimatedRow[];
  /** All rows together, then every group. */
  readonly agreements: readonly Agreement[];
  /** Rows that are outside the model: dense baselines, unknown architectures, groups too small to fit. */
  readonly skipped: number;
}

/** Parts for cross-validation; each is estimated from the others. */
const FOLDS = 5;

/**
 * Compares laws (cycles) and fits (area) with published reports. Every row's area is estimated by a model fitted without it: five parts for kernels; for networks those of other tasks,
 * or, where there is only one task, its other rows.
 *
 * @param models text of a file like `vitis_models.csv`
 * @param scaling text of a file like `vitis_scaling.csv`
 * @throws FirmwareError for a file of another format
 */
export function evaluatePublished(models: string, scaling: string): PublishedEvaluation {
  const kernels = readKernelRows(scaling);
  const networks = readNetworkRows(models);
  const rows = [...kernelEstimates(kernels), ...networkEstimates(networks)];
  const groups = [...new Set(rows.map(({ group }) => group))];
  return {
    rows,
    agreements: [
      agreement('all', rows),
      ...groups.map((group) =>
        agreement(
          group,
          rows.filter((row) => row.group === group),
        ),
      ),
    ],
    skipped: kernels.length + networks.length - rows.length,
  };
}

function kernelEstimates(rows: readonly KernelRow[]): EstimatedRow[] {
  // Parts are dealt out in each group of equal kernel and bits, so that every part has all of them.
  const dealt = new Map<string, number>();
  const folds = rows.map(({ kernel, bits }) => {
    const key = `${kernel}/${bits}`;
    const at = dealt.get(key) ?? 0;
    dealt.set(key, at + 1);
    // A stride that shares no factor with the regular grids of the study.
    return (at * 7) % FOLDS;
  });
  const fits = Array.from({ length: FOLDS }, (_, fold) => fitKernelArea(rows.filter((__, j) => folds[j] !== fold)));
  return rows.flatMap((row, j) => {
    const lut = kernelLut(fits[folds[j]], row);
    if (lut === undefined) return [];
    return [estimated(`${row.kernel}`, row.project, row, kernelCycles(row), { lut, dsp: kernelDsp(row) })];
  });
}

function networkEstimates(rows: readonly NetworkRow[]): EstimatedRow[] {
  return rows.flatMap((row, j) => {
    const cycles = networkCycles(row);
    const others = networkArea(fitNetworkArea(rows.filter(({ task }) => task !== row.task)), row);
    const area = others ?? networkArea(fitNetworkArea(rows.filter((_, other) => other !== j)), row);
    if (cycles === undefined || area === undefined) return [];
    return [estimated('network', `${row.task} ${row.bits}b n=${row.slots}`, row, cycles, area)];
  });
}

function estimated(
  group: string,
  name: string,
  row: ReportedCost,
  cycles: Cycles,
  area: { lut: number; dsp: number },
): EstimatedRow {
  const { latency, interval, lut, dsp } = row;
  return { group, name, reported: { latency, interval, lut, dsp }, estimated: { ...cycles, ...area } };
}

function agreement(group: string, rows: readonly EstimatedRow[]): Agreement {
  const exact = (test: (row: EstimatedRow) => boolean) => rows.filter(test).length;
  const latency = ({ reported, estimated: e }: EstimatedRow) => reported.latency === e.latency;
  const interval = ({ reported, estimated: e }: EstimatedRow) => reported.interval === e.interval;
  const error = (key: 'lut' | 'dsp', among: readonly EstimatedRow[]) =>
    among.length === 0 ? 0 : median(among.map(({ reported, estimated: e }) => relativeError(e[key], reported[key])));
  return {
    group,
    rows: rows.length,
    latencyExact: exact(latency),
    intervalExact: exact(interval),
    bothExact: exact((row) => latency(row) && interval(row)),
    latencyWorst: Math.max(0, ...rows.map(({ reported, estimated: e }) => Math.abs(reported.latency - e.latency))),
    lutError: error('lut', rows),
    dspError: error(
      'dsp',
      rows.filter(({ reported, estimated: e }) => reported.dsp > 0 || e.dsp >= 1),
    ),
  };
}
