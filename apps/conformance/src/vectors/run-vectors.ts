import { BadFileError } from '../bad-file-error.ts';
import { rowKinds, type VectorsFile } from './read-vectors.ts';
import { FormError, type Mismatch, type RowResult } from './row-kind.ts';
import { ROW_KINDS } from './row-kinds.ts';

/** One row kind of the file. */
export interface KindReport {
  readonly kind: string;
  /** False when there is no checker for this kind. */
  readonly checked: boolean;
  readonly rows: number;
  readonly values: number;
  readonly mismatches: number;
  /** The largest deviation, if there is any. */
  readonly worst?: Mismatch;
}

/** Outcome of the `vectors` command. */
export interface VectorsReport {
  readonly command: 'vectors';
  readonly file: string;
  /** No mismatch in anything that was checked. */
  readonly ok: boolean;
  readonly values: number;
  readonly mismatches: number;
  /** Row kinds of the file for which there is no checker. */
  readonly notChecked: readonly string[];
  readonly kinds: readonly KindReport[];
}

/**
 * Checks every row kind of a file.
 *
 * @throws BadFileError when rows are not of their kind's form
 */
export async function runVectors(path: string, file: VectorsFile): Promise<VectorsReport> {
  const kinds: KindReport[] = [];
  for (const kind of rowKinds(file)) {
    const load = Object.hasOwn(ROW_KINDS, kind) ? ROW_KINDS[kind] : undefined;
    if (load === undefined) {
      const value = file[kind];
      kinds.push({ kind, checked: false, rows: Array.isArray(value) ? value.length : 1, values: 0, mismatches: 0 });
      continue;
    }
    kinds.push(report(kind, await check(path, kind, load, file)));
  }
  const sum = (field: 'values' | 'mismatches'): number => kinds.reduce((total, entry) => total + entry[field], 0);
  return {
    command: 'vectors',
    file: path,
    ok: sum('mismatches') === 0,
    values: sum('values'),
    mismatches: sum('mismatches'),
    notChecked: kinds.filter(({ checked }) => !checked).map(({ kind }) => kind),
    kinds,
  };
}

async function check(
  path: string,
  kind: string,
  load: (typeof ROW_KINDS)[string],
  file: VectorsFile,
): Promise<RowResult> {
  try {
    return await (await load()).check(file);
  } catch (cause) {
    // A quantizer refuses malformed formats and modes with a RangeError.
    if (cause instanceof FormError || cause instanceof RangeError) {
      throw new BadFileError(path, `${kind}: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

function report(kind: string, { rows, values, mismatches }: RowResult): KindReport {
  const [first, ...others] = mismatches;
  if (first === undefined) return { kind, checked: true, rows, values, mismatches: 0 };
  const deviation = ({ expected, got }: Mismatch): number => {
    const distance = Math.abs(expected - got);
    return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
  };
  const worst = others.reduce((most, entry) => (deviation(entry) > deviation(most) ? entry : most), first);
  return { kind, checked: true, rows, values, mismatches: mismatches.length, worst };
}
