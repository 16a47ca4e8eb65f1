/** Published synthesis reports of the original sparse firmware, as typed rows (`golden/README.md`). */
import { FirmwareError } from '../errors.ts';
import { readCsv } from './csv.ts';

/** Kernels of the scaling study. */
export type PublishedKernel = 'reduction' | 'conv' | 'avgpool' | 'flatten' | 'relu';

/** What a report says. */
export interface ReportedCost {
  /** Cycles. */
  readonly latency: number;
  /** Cycles. */
  readonly interval: number;
  /** After synthesis. */
  readonly lut: number;
  /** After synthesis. */
  readonly dsp: number;
}

/** One synthesised kernel of the scaling study (`sparsepixels §3.2`). */
export interface KernelRow extends ReportedCost {
  readonly kernel: PublishedKernel;
  readonly bits: number;
  readonly slots: number;
  readonly channels: number;
  readonly filters: number;
  /** Side of the convolution kernel. */
  readonly side: number;
  /** Pixels of the reduction's image. */
  readonly pixels: number;
  /** Outputs of the flattening. */
  readonly outputs: number;
  readonly project: string;
}

/** One synthesised network (`sparsepixels §3`). */
export interface NetworkRow extends ReportedCost {
  readonly task: string;
  readonly bits: number;
  /** Absent for the dense baseline. */
  readonly slots?: number;
}

/** Reads `vitis_scaling.csv`. @throws FirmwareError naming line and column of what is wrong */
export function readKernelRows(text: string, name = 'scaling'): KernelRow[] {
  return readCsv(text, name).map((row, at) => {
    const number = reader(row, `${name}, row ${at + 1}`);
    const kernel = row['layer'];
    if (
      kernel !== 'reduction' &&
      kernel !== 'conv' &&
      kernel !== 'avgpool' &&
      kernel !== 'flatten' &&
      kernel !== 'relu'
    ) {
      throw new FirmwareError(
        `${name}, row ${at + 1}: unknown layer "${kernel}"; known: reduction, conv, avgpool, flatten, relu`,
      );
    }
    return {
      kernel,
      bits: bitsOf(row, name, at),
      slots: number('m_n_sparse'),
      channels: kernel === 'conv' || kernel === 'avgpool' ? number('m_chan') : 1,
      filters: kernel === 'conv' ? number('m_filt') : 1,
      side: kernel === 'conv' ? number('m_ker') : 1,
      pixels: kernel === 'reduction' ? number('m_h') * number('m_w') : 0,
      outputs: kernel === 'flatten' ? number('n_out') : 0,
      project: row['project'] ?? '',
      latency: number('lat_min'),
      interval: number('ii_min'),
      lut: number('vLUT'),
      dsp: number('vDSP'),
    };
  });
}

/** Reads `vitis_models.csv`. @throws FirmwareError naming line and column of what is wrong */
export function readNetworkRows(text: string, name = 'models'): NetworkRow[] {
  return readCsv(text, name).map((row, at) => {
    const number = reader(row, `${name}, row ${at + 1}`);
    return {
      task: row['task'] ?? '',
      bits: bitsOf(row, name, at),
      ...(row['n_sparse'] === '' ? {} : { slots: number('n_sparse') }),
      latency: number('lat_min'),
      interval: number('ii_min'),
      lut: number('vLUT'),
      dsp: number('vDSP'),
    };
  });
}

function reader(row: Readonly<Record<string, string>>, where: string): (column: string) => number {
  return (column) => {
    const text = row[column];
    const value = Number(text);
    if (text === undefined || text === '' || !Number.isFinite(value)) {
      throw new FirmwareError(
        `${where}: column ${column} is ${text === undefined ? 'missing' : `"${text}"`}; a number is needed`,
      );
    }
    return value;
  };
}

function bitsOf(row: Readonly<Record<string, string>>, name: string, at: number): number {
  const match = /^(\d+)b$/.exec(row['bits'] ?? '');
  if (match === null) throw new FirmwareError(`${name}, row ${at + 1}: bits is "${row['bits']}"; write 8b or 16b`);
  return Number(match[1]);
}
