/** Dense convolutions: a 1-D one is a 2-D one on an image of height 1. */
import * as v from 'valibot';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields, Pads, Weights } from '../graph/node.ts';
import { expandRanges, hull, type Interval, max, rangesOf, withZero, ZERO } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { windowCount } from '../numeric/window-axis.ts';
import { checkInteger, checkRank, checkShape, checkWeights } from './checks.ts';
import type { Inferred, OpDefinition, Runner } from './definition.ts';
import { pair, weights } from './form.ts';
import {
  addTerm,
  alignCodes,
  alignIntervals,
  alignment,
  asNumbers,
  constants,
  emptySum,
  ONE,
  partialBound,
  scaleWeights,
  zeroCode,
} from './linear.ts';

/** `y[l, f] = Σ x[l · stride + a · dilation - pads[0], c] · kernel[a, c, f] + bias[f]` on `[L, C]`, zeros outside. */
export interface Conv1dNode extends NodeFields {
  readonly op: 'conv1d';
  /** Shape `[k, C / groups, F]`. */
  readonly kernel: Weights;
  /** Shape `[F]`. */
  readonly bias?: Weights;
  readonly stride: number;
  readonly pads: Pads;
  readonly dilation: number;
  /** Filters `g · F / groups …` see only channels `g · C / groups …`; `C` groups make a depthwise convolution. */
  readonly groups: number;
}

/** The same in two dimensions, on `[H, W, C]`. */
export interface Conv2dNode extends NodeFields {
  readonly op: 'conv2d';
  /** Shape `[kh, kw, C / groups, F]`. */
  readonly kernel: Weights;
  /** Shape `[F]`. */
  readonly bias?: Weights;
  readonly strides: readonly [number, number];
  readonly pads: readonly [Pads, Pads];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Convolution in two dimensions. */
export const conv2dOp: OpDefinition<Conv2dNode> = {
  form: {
    kernel: weights,
    bias: v.optional(weights),
    strides: pair,
    pads: v.strictTuple([pair, pair]),
    dilation: pair,
    groups: v.number(),
  },
  arity: 1,
  allowsDivisor: false,
  takes: 'dense',
  infer(node, [x]) {
    checkRank(node.name, x.shape, 3, 'an image [H, W, C]');
    return infer(node, x, geometryOf(node, x.shape), node.kernel.shape);
  },
  prepare: (node, [x], own, wide) => run(node, x.inferred, geometryOf(node, x.inferred.shape), own, wide),
};

/** Convolution in one dimension. */
export const conv1dOp: OpDefinition<Conv1dNode> = {
  form: {
    kernel: weights,
    bias: v.optional(weights),
    stride: v.number(),
    pads: pair,
    dilation: v.number(),
    groups: v.number(),
  },
  arity: 1,
  allowsDivisor: false,
  takes: 'dense',
  infer(node, [x]) {
    checkRank(node.name, x.shape, 2, 'a sequence [L, C]');
    const image = infer(flat(node), imageOf(x), geometryOf(flat(node), [1, ...x.shape]), node.kernel.shape);
    return {
      ...image,
      shape: image.shape.slice(1),
      ranges: { ...image.ranges, shape: image.ranges.shape.slice(1) },
    };
  },
  prepare: (node, [x], own, wide) =>
    run(flat(node), imageOf(x.inferred), geometryOf(flat(node), [1, ...x.inferred.shape]), own, wide),
};

interface Geometry {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kh: number;
  readonly kw: number;
  readonly filters: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** A 1-D convolution as one on an image of height 1. */
function flat(node: Conv1dNode): Conv2dNode {
  const { stride, pads, dilation, kernel, ...rest } = node;
  return {
    ...rest,
    op: 'conv2d',
    kernel: { ...kernel, shape: [1, ...kernel.shape] },
    strides: [1, stride],
    pads: [[0, 0], pads],
    dilation: [1, dilation],
  };
}

function imageOf(x: Inferred): Inferred {
  return { ...x, shape: [1, ...x.shape], ranges: { ...x.ranges, shape: [1, ...x.ranges.shape] } };
}

function geometryOf({ kernel, strides, pads, dilation }: Conv2dNode, shape: readonly number[]): Geometry {
  const [height, width, channels] = shape;
  const [kh, kw, , filters] = kernel.shape;
  return {
    height,
    width,
    channels,
    kh,
    kw,
    filters,
    outHeight: windowCount(height, kh, strides[0], pads[0], dilation[0]),
    outWidth: windowCount(width, kw, strides[1], pads[1], dilation[1]),
  };
}

function check(node: Conv2dNode, g: Geometry, declared: readonly number[]): void {
  const { name, kernel, bias, groups } = node;
  if (kernel.shape.length !== 4) {
    throw new GraphError(
      name,
      `kernel has shape [${declared}]`,
      'give [kh, kw, C / groups, F], or [k, C / groups, F] in one dimension',
    );
  }
  checkInteger(name, 'groups', groups, 1);
  if (g.channels % groups !== 0 || g.filters % groups !== 0) {
    throw new GraphError(
      name,
      `${groups} groups`,
      `groups must divide the ${g.channels} channels and ${g.filters} filters`,
    );
  }
  checkWeights(name, 'kernel', kernel, [g.kh, g.kw, g.channels / groups, g.filters]);
  if (bias !== undefined) checkWeights(name, 'bias', bias, [g.filters]);
  for (const stride of node.strides) checkInteger(name, 'stride', stride, 1);
  for (const step of node.dilation) checkInteger(name, 'dilation', step, 1);
  for (const pad of node.pads.flat()) checkInteger(name, 'pad', pad, 0);
  if (!(g.outHeight > 0 && g.outWidth > 0)) {
    throw new GraphError(
      name,
      `a kernel of ${g.kh} × ${g.kw} does not fit on ${g.height} × ${g.width}`,
      'pad more or use a smaller kernel',
    );
  }
  checkShape(name, [g.outHeight, g.outWidth, g.filters]);
}

function infer(node: Conv2dNode, x: Inferred, g: Geometry, declared: readonly number[]): Inferred {
  check(node, g, declared);
  const { f } = alignment(usedElements(node.kernel, node.groups, x));
  const scaled = scaleWeights(node.kernel, node.bias, f, g.filters);
  const terms = alignIntervals(channelHulls(node, x), f);
  const perGroup = g.channels / node.groups;
  const filtersPerGroup = g.filters / node.groups;
  const intervals: Interval[] = [];
  let bound = 0n;
  for (let u = 0; u < g.filters; u++) {
    const first = Math.floor(u / filtersPerGroup) * perGroup;
    const sum = emptySum();
    for (let j = 0; j < g.kh * g.kw * perGroup; j++) {
      addTerm(sum, scaled.kernel[j * g.filters + u], terms[first + (j % perGroup)]);
    }
    addTerm(sum, scaled.bias[u], ONE);
    intervals.push({ lo: sum.lo, hi: sum.hi, f: scaled.f });
    bound = max(bound, partialBound(sum));
  }
  return {
    shape: [g.outHeight, g.outWidth, g.filters],
    divisor: 1,
    ranges: rangesOf([1, 1, g.filters], intervals),
    bound,
  };
}

function run(node: Conv2dNode, x: Inferred, g: Geometry, own: Inferred, wide: boolean): Runner {
  const [sy, sx] = node.strides;
  const [dy, dx] = node.dilation;
  const [top, left] = [node.pads[0][0], node.pads[1][0]];
  const align = alignment(usedElements(node.kernel, node.groups, x, true));
  const scaled = scaleWeights(node.kernel, node.bias, align.f, g.filters);
  const kernel = constants(scaled.kernel, wide);
  const bias = constants(scaled.bias, wide);
  const zero = zeroCode(wide);
  const perGroup = g.channels / node.groups;
  const filtersPerGroup = g.filters / node.groups;
  const inSize = g.height * g.width * g.channels;
  const outSize = g.outHeight * g.outWidth * g.filters;
  return ([value], { batch }) => {
    const from = asNumbers(alignCodes(value.codes, align));
    const codes = allocateCodes(batch * outSize, wide);
    const to = asNumbers(codes);
    for (let out = 0; out < to.length; out += g.filters) for (let u = 0; u < g.filters; u++) to[out + u] = bias[u];
    for (let b = 0; b < batch; b++) {
      for (let oy = 0; oy < g.outHeight; oy++) {
        for (let a = 0; a < g.kh; a++) {
          const iy = oy * sy + a * dy - top;
          if (iy < 0 || iy >= g.height) continue;
          for (let ox = 0; ox < g.outWidth; ox++) {
            const out = b * outSize + (oy * g.outWidth + ox) * g.filters;
            for (let e = 0; e < g.kw; e++) {
              const ix = ox * sx + e * dx - left;
              if (ix < 0 || ix >= g.width) continue;
              const source = b * inSize + (iy * g.width + ix) * g.channels;
              for (let c = 0; c < g.channels; c++) {
                const code = from[source + c];
                if (code === zero) continue;
                const group = Math.floor(c / perGroup);
                const row = ((a * g.kw + e) * perGroup + (c - group * perGroup)) * g.filters;
                const end = (group + 1) * filtersPerGroup;
                for (let u = group * filtersPerGroup; u < end; u++) to[out + u] += code * kernel[row + u];
              }
            }
          }
        }
      }
    }
    return { value: { kind: 'dense', batch, shape: own.shape, codes }, overflow: 0 };
  };
}

/** Intervals of the input's elements (or of those that differ), with channels that no weight uses set to 0. */
function usedElements(kernel: Weights, groups: number, x: Inferred, all = false): Interval[] {
  const channels = x.shape[2];
  const [, , perGroup, filters] = kernel.shape;
  const filtersPerGroup = filters / groups;
  const used = new Array<boolean>(channels).fill(false);
  for (let j = 0; j < kernel.codes.length; j++) {
    if (kernel.codes[j] === 0) continue;
    const group = Math.floor((j % filters) / filtersPerGroup);
    used[group * perGroup + (Math.floor(j / filters) % perGroup)] = true;
  }
  const compact = [x.ranges.shape[0], x.ranges.shape[1], channels];
  const flatRanges = x.ranges.shape[0] === 1 && x.ranges.shape[1] === 1;
  // Shifts per channel repeat over the pixels; shifts per position need the whole image.
  const elements = expandRanges(x.ranges, all && !flatRanges ? x.shape : compact);
  return elements.map((interval, j) => (used[j % channels] ? interval : ZERO));
}

/** One interval per channel that holds all pixels, and the padding if there is any. */
function channelHulls({ kernel, groups, pads }: Conv2dNode, x: Inferred): Interval[] {
  const channels = x.shape[2];
  const groupsOfChannel: Interval[][] = Array.from({ length: channels }, () => []);
  usedElements(kernel, groups, x).forEach((interval, j) => {
    groupsOfChannel[j % channels].push(interval);
  });
  const padded = pads.flat().some((pad) => pad > 0);
  return groupsOfChannel.map((list) => (padded ? withZero(hull(list)) : hull(list)));
}
