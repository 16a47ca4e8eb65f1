import type { RowKind } from './row-kind.ts';

/** Checkers by row kind, loaded when a file has such rows. A kind that is missing here is reported as not checked. */
export const ROW_KINDS: Readonly<Record<string, () => Promise<RowKind>>> = {
  fixed_forward_infer: async () => (await import('./fixed-forward.ts')).fixedForward,
  minimal_i_xf: async () => (await import('./minimal-bits.ts')).minimalBitsF,
  minimal_i_xb: async () => (await import('./minimal-bits.ts')).minimalBitsB,
  fixed_grad: async () => (await import('./fixed-grad.ts')).fixedGrad,
  layer_wrap: async () => (await import('./layer-wrap.ts')).layerWrap,
  ebops: async () => (await import('./ebops.ts')).ebops,
  float: async () => (await import('./minifloat.ts')).minifloat,
  piecewise: async () => (await import('./schedules.ts')).piecewise,
  beta_pid_log: async () => (await import('./schedules.ts')).betaPidLog,
  qconv_example: async () => (await import('./qconv-example.ts')).qconvExample,
};
