import { GraphError } from '../src/graph/errors.ts';
import type { OpExtension } from '../src/ops/extensions.ts';

/** An op as users write them: limits codes to -limit … limit. */
export function saturating(name: string): OpExtension {
  return {
    name,
    arity: 1,
    check: ({ limit }) =>
      Number.isSafeInteger(limit) && (limit as number) > 0 ? undefined : `limit is ${limit}, no positive integer`,
    infer(node, [x]) {
      if (new Set(x.ranges.f).size > 1)
        throw new GraphError(node.name, 'its input has several scales', 'put a requantize before it');
      const limit = BigInt(node.attributes['limit'] as number);
      const cut = (code: bigint) => (code > limit ? limit : code < -limit ? -limit : code);
      return { ...x, ranges: { ...x.ranges, lo: x.ranges.lo.map(cut), hi: x.ranges.hi.map(cut) } };
    },
    prepare(node, _inputs, _own, wide) {
      const limit = node.attributes['limit'] as number;
      const [low, high] = [BigInt(-limit), BigInt(limit)];
      return ([x]) => {
        const codes = wide
          ? Array.from(x.codes as bigint[], (code) => (code > high ? high : code < low ? low : code))
          : Float64Array.from(x.codes as Float64Array, (code) => Math.min(Math.max(code, -limit), limit));
        return { value: { ...x, codes }, overflow: 0 };
      };
    },
  };
}
