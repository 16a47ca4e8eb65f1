/** What dense layers and convolutions share: a product with a constant matrix, its strategies and its cost. */
import type { Weights } from '@sp/quant';
import type { LayerOptionName } from '../config/config.ts';
import type { ResolvedOptions } from '../config/resolve.ts';
import { ConfigError } from '../errors.ts';
import { areaOf, constantMultiplier, levels, memory, multiplier } from '../estimate/cost.ts';
import { listValidReuseFactors } from '../plan/factors.ts';
import { type FixedType, typeOfCodes } from '../plan/fixed-type.ts';
import { canShareAtOnce, type ProductGraph, productCost } from './product.ts';

/** How a matrix product is built. */
export interface MatrixDecisions extends Readonly<Record<string, number | string>> {
  readonly strategy: 'latency' | 'resource' | 'resource_unrolled' | 'distributed_arithmetic';
  readonly reuseFactor: number;
  /** Resource unrolled: multipliers that have a weight other than 0. */
  readonly multipliers?: number;
  /** Distributed arithmetic: additions of the adder graph. */
  readonly adders?: number;
  /** Distributed arithmetic: additions on its longest path. */
  readonly adderDepth?: number;
}

/** Options of everything that multiplies with a constant matrix. */
export const MATRIX_OPTIONS: readonly LayerOptionName[] = ['strategy', 'reuseFactor'];

/**
 * Strategy and reuse factor for a matrix of `inputs × outputs`.
 *
 * @throws ConfigError for an illegal reuse factor, listing the legal ones
 */
export function decideMatrix(
  where: string,
  options: ResolvedOptions,
  inputs: number,
  outputs: number,
): MatrixDecisions {
  const reuseFactor = options.get('reuseFactor') ?? 1;
  const wanted = options.get('strategy') ?? 'auto';
  const strategy = wanted !== 'auto' ? wanted : reuseFactor === 1 ? 'latency' : 'resource';
  const legal = listValidReuseFactors(inputs, outputs);
  // Unrolled, a single multiplier or no reuse at all make no sense (hls4ml §2.3).
  const allowed = strategy === 'resource_unrolled' ? legal.slice(1, -1) : legal;
  if (strategy.startsWith('resource') && !allowed.includes(reuseFactor)) {
    const how = strategy === 'resource' ? '' : ` with strategy ${strategy}`;
    throw new ConfigError(
      `${where}: ${options.origin('reuseFactor')} is illegal for a ${inputs} x ${outputs} matrix${how}; legal: ${allowed.join(', ') || 'none, use another strategy'}`,
    );
  }
  if (strategy === 'distributed_arithmetic' && reuseFactor !== 1) {
    throw new ConfigError(
      `${where}: ${options.origin('reuseFactor')}, but strategy distributed_arithmetic has no multipliers to reuse; use reuseFactor 1 or strategy resource`,
    );
  }
  if (reuseFactor > inputs * outputs) {
    throw new ConfigError(
      `${where}: ${options.origin('reuseFactor')} exceeds its ${inputs * outputs} products; use at most that`,
    );
  }
  return { strategy, reuseFactor };
}

/** Weights of one matrix above which Vivado HLS refuses to partition them (`checks/limits.ts`). */
const VIVADO_WEIGHTS = 4096;

/**
 * What `auto` becomes without a reuse factor: adder graphs where these can be found in little time and are smaller by estimate, else all products at once; for Vivado HLS, where
 * it refuses that many weights, the multipliers of the smallest legal reuse factor.
 */
export function automaticMatrix(
  decided: MatrixDecisions,
  options: ResolvedOptions,
  weights: Weights,
  [inputs, outputs]: readonly [number, number],
  backend: 'Vitis' | 'Vivado',
  costs: { readonly product: () => ProductGraph; readonly latency: () => MatrixCost; readonly copies: number },
): MatrixDecisions {
  if ((options.get('strategy') ?? 'auto') !== 'auto' || decided.reuseFactor !== 1) return decided;
  if (canShareAtOnce(weights)) {
    const product = costs.product();
    if (areaOf(distributedCost(product, costs.copies)) < areaOf(costs.latency())) {
      return { ...decided, strategy: 'distributed_arithmetic', ...adderDecisions(product) };
    }
  }
  if (backend !== 'Vivado' || weights.codes.length <= VIVADO_WEIGHTS) return decided;
  const reuseFactor = listValidReuseFactors(inputs, outputs).find(
    (factor) => weights.codes.length / factor <= VIVADO_WEIGHTS,
  );
  return { ...decided, strategy: 'resource', reuseFactor: reuseFactor ?? inputs * outputs };
}

/** Whether a strategy keeps a loop over the uses of its multipliers. */
export function reuses({ strategy, reuseFactor }: MatrixDecisions): boolean {
  return strategy.startsWith('resource') && reuseFactor > 1;
}

/** Multipliers the latency strategy may build (`hls4ml §2.3`), at least one. */
export function multiplierLimit(codes: readonly number[], reuseFactor: number): number {
  const zeros = codes.filter((code) => code === 0).length;
  return Math.max(1, Math.ceil(codes.length / reuseFactor) - Math.floor(zeros / reuseFactor));
}

/** What a product with a constant matrix costs. */
export interface MatrixCost {
  /** Cycles from operands to sums. */
  readonly depth: number;
  readonly multipliers: number;
  readonly lut: number;
  readonly dsp: number;
  /** Blocks of 18 kbit that hold weights. */
  readonly bram?: number;
}

/** Cost of `copies` adder graphs side by side: about a LUT per bit of an adder, three levels per cycle. */
export function distributedCost(product: ProductGraph, copies: number): MatrixCost {
  const { depth, lut } = productCost(product);
  return { depth: 1 + Math.ceil(depth / 3), multipliers: 0, lut: lut * copies, dsp: 0 };
}

/** Adders and depth for the plan. */
export function adderDecisions(product: ProductGraph): { adders: number; adderDepth: number } {
  const { adders, depth } = productCost(product);
  return { adders, adderDepth: depth };
}

/** Cost of one product with a matrix; `copies` of it work side by side. */
export function matrixCost(
  weights: { readonly codes: readonly number[]; readonly f: number },
  x: FixedType,
  sum: FixedType,
  terms: number,
  { strategy, reuseFactor, multipliers: live }: MatrixDecisions,
  copies: number,
): MatrixCost {
  // Products in one cycle, then about three levels of the adder tree per cycle.
  const depth = 2 + Math.ceil(levels(Math.ceil(terms / reuseFactor)) / 3);
  if (strategy === 'latency' && reuseFactor === 1) {
    // Constants are folded: what is left of a product depends on its weight.
    const live = weights.codes.filter((code) => code !== 0);
    const products = live.map((code) => constantMultiplier(x.width, code));
    const lut = products.reduce((total, product) => total + product.lut + sum.width / 2, 0);
    return {
      depth,
      multipliers: live.length * copies,
      lut: Math.round(lut * copies),
      dsp: products.reduce((total, { dsp }) => total + dsp, 0) * copies,
    };
  }
  const zeros = strategy === 'latency' ? weights.codes.filter((code) => code === 0).length : 0;
  const multipliers = (live ?? Math.ceil((weights.codes.length - zeros) / reuseFactor)) * copies;
  const weight = typeOfCodes(weights.codes, weights.f).width;
  const product = multiplier(x.width, weight);
  // A reused multiplier selects its operand, and reads its weights from a memory of its own.
  const stored = memory(reuseFactor, weight);
  return {
    depth,
    multipliers,
    lut: Math.round(multipliers * (product.lut + sum.width / 2 + x.width + stored.lut)),
    dsp: multipliers * product.dsp,
    bram: multipliers * stored.bram,
  };
}

/** How a matrix product is built, in words. */
export function describeMatrix({ strategy, reuseFactor, adders, adderDepth, multipliers }: MatrixDecisions): string {
  if (strategy === 'distributed_arithmetic') return `${adders} adders, ${adderDepth} deep`;
  const count = multipliers === undefined ? '' : `, ${multipliers} multipliers`;
  return `${strategy}, reuse factor ${reuseFactor}${count}`;
}
