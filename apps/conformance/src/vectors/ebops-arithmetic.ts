import {
  type QLayer,
  qAdd,
  qAveragePow2,
  qDot,
  qEinsum,
  qEinsumDense,
  qMaximum,
  qMeanPow2,
  qMinimum,
  qMultiply,
  qSoftmax,
  qSubtract,
  qSum,
  qUnaryFunctionLUT,
} from '@sp/layers';
import type { QuantizerOptions } from '@sp/layers/internal';
import { type EbopsRow, measuredEbops } from './ebops-row.ts';

const layers: Readonly<Record<string, (row: EbopsRow) => QLayer>> = {
  QAdd: (row) => qAdd(merge(row)),
  QAveragePow2: (row) => qAveragePow2(merge(row)),
  QSubtract: (row) => qSubtract(merge(row)),
  QMultiply: (row) => qMultiply(merge(row)),
  QMaximum: (row) => qMaximum(merge(row)),
  QMinimum: (row) => qMinimum(merge(row)),
  QDot: (row) => qDot(merge(row)),
  QEinsum: (row) => qEinsum({ ...merge(row), equation: row.equation as string }),
  QSum: () => qSum(),
  QMeanPow2: () => qMeanPow2(),
  QEinsumDense: (row) =>
    qEinsumDense({
      equation: row.equation as string,
      outputShape: row.output as number[],
      biasAxes: (row.equation as string).slice(-1),
      parallelizationFactor: (row.pf ?? -1) as number,
    }),
  QUnaryFunctionLUT: (row) =>
    qUnaryFunctionLUT({ activation: 'tanh', iqConf: lane(row.bits_in), oqConf: table(row.bits_out) }),
  QSoftmax: (row) =>
    qSoftmax({
      enableEbops: true,
      expIqConf: lane(row.exp_in),
      expOqConf: table(row.exp_out),
      invIqConf: lane(row.inv_in),
      invOqConf: table(row.inv_out),
    }),
};

/** EBOPs that our layers count for a row of merges, sums, einsums and functions by table; null for others. */
export function arithmeticEbops(row: EbopsRow): number | null {
  const make = layers[row.layer];
  if (make == null) return null;
  const shapes = (row.inputs ?? [row.input]) as number[][];
  return measuredEbops(
    () => make(row),
    shapes,
    row.overflow as NonNullable<QuantizerOptions['overflowMode']> | undefined,
  );
}

function merge(row: EbopsRow): { readonly iqConfs: readonly QuantizerOptions[] } {
  return { iqConfs: (row.bits as unknown[]).map(lane) };
}

/** Activations of `bits` bits. */
function lane(bits: unknown): QuantizerOptions {
  return { qType: 'kif', i0: 2, f0: (bits as number) - 2 };
}

/** Table entries of `bits` bits, without penalties, which the loss would show too. */
function table(bits: unknown): QuantizerOptions {
  return { qType: 'kbi', b0: bits as number, br: 0, ir: 0 };
}
