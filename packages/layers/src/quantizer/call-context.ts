/**
 * How a layer is being called.
 *
 * - `'training'`: `fit`, or `model.apply(x, { training: true })`. WRAP quantizers follow the range of their input.
 * - `'tracing'`: `model.apply(x, { tracing: true })`, used by `traceMinMax`. Layers compute as in inference, WRAP
 *   quantizers widen their range (and sign) to hold everything they see.
 * - `'inference'`: everything else. Computes exactly what the lowered graph computes and changes no state.
 */
export type CallContext = 'training' | 'tracing' | 'inference';

/** Reads the context from the keyword arguments that tfjs hands from `apply` to every layer's `call`. */
export function callContext(kwargs: { readonly [key: string]: unknown } | undefined | null): CallContext {
  if (kwargs?.tracing === true) return 'tracing';
  return kwargs?.training === true ? 'training' : 'inference';
}
