import type { Interval } from '../graph/ranges.ts';
import type { AdderGraph } from './adder-graph.ts';

/** The type of a value: `ap_fixed<width, int>` or `ap_ufixed<width, int>` (`int` counts the sign bit). */
export interface AdderType {
  readonly signed: boolean;
  /** Total bits, at least 1. */
  readonly width: number;
  readonly int: number;
}

/** The narrowest type of every value of an adder graph (inputs, then adders), from the ranges of its inputs. */
export function typedAdders(graph: AdderGraph, inputs: readonly Interval[]): AdderType[] {
  const ranges = [...inputs];
  for (const { left, leftShift, right, rightShift, subtract } of graph.adders) {
    const a = moved(ranges[left], leftShift);
    const b = moved(ranges[right], rightShift);
    const f = Math.max(a.f, b.f);
    const [p, q] = [aligned(a, f), aligned(b, f)];
    ranges.push(subtract ? { lo: p.lo - q.hi, hi: p.hi - q.lo, f } : { lo: p.lo + q.lo, hi: p.hi + q.hi, f });
  }
  return ranges.map(typeOfInterval);
}

/** The narrowest type that holds an interval. */
export function typeOfInterval({ lo, hi, f }: Interval): AdderType {
  const signed = lo < 0n;
  const magnitude = Math.max(bits(hi > 0n ? hi : 0n), signed ? bits(-lo - 1n) : 0);
  const width = Math.max(1, magnitude + (signed ? 1 : 0));
  return { signed, width, int: width - f };
}

/** Times `2^shift`: the same codes with the binary point elsewhere. */
function moved({ lo, hi, f }: Interval, shift: number): Interval {
  return { lo, hi, f: f - shift };
}

function aligned({ lo, hi, f }: Interval, to: number): Interval {
  const shift = BigInt(to - f);
  return { lo: lo << shift, hi: hi << shift, f: to };
}

function bits(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
