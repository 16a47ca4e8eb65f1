import {
  type QLayer,
  qAveragePooling1D,
  qAveragePooling2D,
  qBatchNormalization,
  qConv1D,
  qConv2D,
  qDense,
  qGlobalAveragePooling1D,
  qGlobalAveragePooling2D,
  qGlobalMaxPooling1D,
  qGlobalMaxPooling2D,
  qMaxPooling1D,
  qMaxPooling2D,
} from '@sp/layers';
import type { QuantizerOptions } from '@sp/layers/internal';
import { type EbopsRow, measuredEbops } from './ebops-row.ts';

const layers: Readonly<Record<string, (row: EbopsRow) => QLayer>> = {
  QDense: (row) => qDense({ ...common(row), units: row.units as number }),
  QConv1D: (row) => qConv1D({ ...common(row), ...window(row) }),
  QConv2D: (row) => qConv2D({ ...common(row), ...window(row) }),
  QBatchNormalization: (row) => qBatchNormalization({ ebopsFactor: common(row).ebopsFactor }),
  QMaxPooling1D: (row) => qMaxPooling1D({ ...pooled(row), poolSize: row.pool as number }),
  QMaxPooling2D: (row) => qMaxPooling2D({ ...pooled(row), poolSize: row.pool as number }),
  QAveragePooling1D: (row) => qAveragePooling1D({ ...pooled(row), poolSize: row.pool as number }),
  QAveragePooling2D: (row) => qAveragePooling2D({ ...pooled(row), poolSize: row.pool as number }),
  QGlobalMaxPooling1D: (row) => qGlobalMaxPooling1D({ ebopsFactor: common(row).ebopsFactor }),
  QGlobalMaxPooling2D: (row) => qGlobalMaxPooling2D({ ebopsFactor: common(row).ebopsFactor }),
  QGlobalAveragePooling1D: (row) => qGlobalAveragePooling1D({ ebopsFactor: common(row).ebopsFactor }),
  QGlobalAveragePooling2D: (row) => qGlobalAveragePooling2D({ ebopsFactor: common(row).ebopsFactor }),
};

/** EBOPs that our layers count for a row of the dense, convolution, normalisation and pooling family; null for others. */
export function convEbops(row: EbopsRow): number | null {
  const make = layers[row.layer];
  if (make == null) return null;
  const overflow = row.overflow as NonNullable<QuantizerOptions['overflowMode']> | undefined;
  return measuredEbops(() => make(row), [row.input as number[]], overflow);
}

function common({ ebops_factor: ebopsFactor, pf, use_bias: useBias }: EbopsRow): {
  readonly ebopsFactor: number;
  readonly parallelizationFactor: number;
  readonly useBias: boolean;
} {
  return {
    ebopsFactor: (ebopsFactor ?? 1) as number,
    parallelizationFactor: (pf ?? -1) as number,
    useBias: (useBias ?? true) as boolean,
  };
}

/** Poolings have no weights, so no bias. */
function pooled(row: EbopsRow): { readonly ebopsFactor: number; readonly parallelizationFactor: number } {
  const { ebopsFactor, parallelizationFactor } = common(row);
  return { ebopsFactor, parallelizationFactor };
}

function window(row: EbopsRow): {
  readonly filters: number;
  readonly kernelSize: number;
  readonly padding: string;
  readonly strides: number;
} {
  return {
    filters: row.filters as number,
    kernelSize: row.kernel as number,
    padding: (row.padding ?? 'valid') as string,
    strides: (row.strides ?? 1) as number,
  };
}
