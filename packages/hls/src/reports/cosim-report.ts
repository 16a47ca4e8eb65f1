import { FirmwareError } from '../errors.ts';

/** Cycles seen in the simulation of the RTL; undefined where the tool had nothing to measure. */
export interface CosimReport {
  readonly passed: boolean;
  readonly latency: CosimRange;
  readonly interval: CosimRange;
}

/** Fewest, mean and most. */
export interface CosimRange {
  readonly min: number | undefined;
  readonly mean: number | undefined;
  readonly max: number | undefined;
}

/** Reads a `<name>_cosim.rpt` of Vitis HLS or Vivado HLS. @throws FirmwareError saying how to write one */
export function parseCosim(report: string): CosimReport {
  for (const [line] of report.matchAll(/^\|[^\n]*\|$/gm)) {
    const cells = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (!/^(Verilog|VHDL)$/i.test(cells[0]) || !/^(pass|fail)/i.test(cells[1] ?? '')) continue;
    const [, status, ...numbers] = cells;
    const range = (from: number): CosimRange => {
      const [min, mean, max] = [0, 1, 2].map((k) =>
        /^\d+(\.\d+)?$/.test(numbers[from + k] ?? '') ? Number(numbers[from + k]) : undefined,
      );
      return { min, mean, max };
    };
    return { passed: /^pass/i.test(status), latency: range(0), interval: range(3) };
  }
  throw new FirmwareError(
    'cosim report: no row of Verilog or VHDL that passed or failed; run the script with COSIM=1, which writes one',
  );
}
