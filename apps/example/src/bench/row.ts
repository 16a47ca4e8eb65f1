import { measure } from 'mitata';

/** One measured number. */
export interface Row {
  /** Subject, as given on the command line to select rows. */
  readonly group: string;
  readonly name: string;
  readonly value: number;
  /** `images/s`, `ms`, `s`, `×` … */
  readonly unit: string;
  /** What the number is compared with in the same run, e.g. `2.1 × a Math.round loop`. */
  readonly note?: string;
  /** Further numbers, for the JSON file. */
  readonly more?: Readonly<Record<string, number>>;
}

/** Receives rows as they are measured. */
export type Report = (row: Omit<Row, 'group'>) => void;

/** What the command line says besides the groups. */
export interface BenchSettings {
  /** Root of another built clone, measured beside this one in turns. */
  readonly against?: string | undefined;
}

/** A subject of the benchmarks. */
export interface BenchGroup {
  readonly name: string;
  readonly about: string;
  /** A study rather than a measurement of this machine: only runs when asked for. Default false. */
  readonly onlyWhenNamed?: boolean;
  /** Takes `against`. Default false. */
  readonly comparesClones?: boolean;
  readonly run: (report: Report, settings: BenchSettings) => Promise<void> | void;
}

/** Median time of one call in milliseconds, warmed up, measured for at least `seconds`. */
export async function medianMilliseconds(call: () => unknown, seconds = 0.5): Promise<number> {
  const { p50 } = await measure(call, {
    min_cpu_time: seconds * 1e9,
    min_samples: 5,
    warmup_samples: 2,
    samples_threshold: 5,
    batch_samples: 1,
    batch_threshold: 0,
  });
  return p50 / 1e6;
}

/** Wall-clock seconds of one call, for work that is done once. */
export async function secondsOnce<T>(
  call: () => T | Promise<T>,
): Promise<{ readonly result: T; readonly seconds: number }> {
  const start = performance.now();
  const result = await call();
  return { result, seconds: (performance.now() - start) / 1000 };
}

/** A row as a line of the table. */
export function printRow({ name, value, unit, note }: Row): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const number = Number.isNaN(value) ? '-' : value.toLocaleString('en', { maximumFractionDigits: digits });
  return `  ${name.padEnd(70)} ${number.padStart(10)} ${unit.padEnd(9)}${note === undefined ? '' : `  ${note}`}`.trimEnd();
}
