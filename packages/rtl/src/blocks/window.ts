/** Dense convolutions and poolings: one instance per window. A one-dimensional one is a two-dimensional one on an image of height 1. */
import type { Conv1dNode, Conv2dNode, Pads, Pool1dNode, Pool2dNode } from '@sp/quant/internal';
import { leastCommonMultiple, windowCount, windowSpans } from '@sp/quant/numeric';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, denseInput, type ElementRange, elementRanges } from './block.ts';
import { fromParts, sameScale } from './chunks.ts';
import { larger, treeOf } from './extremes.ts';
import { productOf, weightedSums } from './product.ts';
import { streamedRows } from './streamed-image.ts';
import type { DenseChunks, DenseSignals } from './value.ts';

type Node = Conv1dNode | Conv2dNode | Pool1dNode | Pool2dNode;

/** Codes of an image `[H, W, C]` with each channel on one scale. */
interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly codes: readonly Signal[];
  /** The same where rows come in parts, if all numbers on a wire have one scale. */
  readonly chunks?: DenseChunks;
  /** Ranges of the elements of each channel. */
  readonly byChannel: readonly (readonly ElementRange[])[];
}

export function convBlock(context: BlockContext<Conv1dNode | Conv2dNode>): DenseSignals {
  const { b, node, inferred, strategy } = context;
  const { kernel, bias, groups } = node;
  const image = imageOf(context);
  const shape = kernel.shape.length === 3 ? [1, ...kernel.shape] : kernel.shape;
  const [kh, kw, perGroup, filters] = shape;
  const [rows, cols] = axesOf(node);
  const outHeight = windowCount(image.height, kh, rows.stride, rows.pads, rows.dilation);
  const outWidth = windowCount(image.width, kw, cols.stride, cols.pads, cols.dilation);
  // The whole matrix, zero where a filter does not see a channel.
  const filtersPerGroup = filters / groups;
  const matrix = new Array<number>(kh * kw * image.channels * filters).fill(0);
  for (let tap = 0; tap < kh * kw; tap++) {
    for (let c = 0; c < perGroup; c++) {
      for (let u = 0; u < filters; u++) {
        const channel = Math.floor(u / filtersPerGroup) * perGroup + c;
        matrix[(tap * image.channels + channel) * filters + u] = kernel.codes[(tap * perGroup + c) * filters + u];
      }
    }
  }
  const columns = Array.from({ length: kh * kw * image.channels }, (_, j) => image.byChannel[j % image.channels]);
  // A channel that some tap uses counts for the scale with all its pixels.
  const used = usedChannels(matrix, image.channels, filters);
  const product = productOf(
    matrix,
    kernel.f,
    bias,
    columns.map((column, j) => (used[j % image.channels] ? column : [])),
  );
  const streamed =
    image.chunks === undefined || strategy.hardware === 'parallel'
      ? undefined
      : streamedRows(b, image.chunks, {
          height: image.height,
          size: kh,
          outHeight,
          stride: rows.stride,
          dilation: rows.dilation,
          above: rows.pads[0],
        });
  const windows: Signal[][] = [];
  for (let oy = 0; oy < (streamed?.perClock ?? outHeight); oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      const window: Signal[] = [];
      for (let a = 0; a < kh; a++) {
        for (let e = 0; e < kw; e++) {
          const [y, x] = [
            oy * rows.stride + a * rows.dilation - rows.pads[0],
            ox * cols.stride + e * cols.dilation - cols.pads[0],
          ];
          for (let c = 0; c < image.channels; c++) {
            const at = x * image.channels + c;
            if (x < 0 || x >= image.width) window.push(b.constant(0));
            else if (streamed !== undefined) window.push(streamed.element(oy, a, at));
            else if (y < 0 || y >= image.height) window.push(b.constant(0));
            else window.push(image.codes[y * image.width * image.channels + at]);
          }
        }
      }
      windows.push(window);
    }
  }
  const shared = streamed === undefined ? '' : `, ${streamed.perClock} rows per clock`;
  const outputs = b.instances(
    {
      name: node.name,
      comment: [`${node.name}: one window of ${kh} x ${kw} x ${image.channels} -> ${filters}, adder graph${shared}`],
      build: (m, window) => weightedSums(m, window, product).map((sum, u) => m.add(sum, m.constant(product.bias[u]))),
    },
    windows,
  );
  const own = elementRanges(inferred);
  if (streamed === undefined) return { kind: 'dense', elements: outputs.flat().map((y, j) => b.narrow(y, own[j])) };
  return fromParts(b, outputs.flat(), streamed, own);
}

export function poolBlock(context: BlockContext<Pool1dNode | Pool2dNode>): DenseSignals {
  const { b, node, inferred } = context;
  const image = imageOf(context);
  const [rows, cols] = axesOf(node);
  const [ph, pw] = node.op === 'pool1d' ? [1, node.pool] : node.pool;
  const rowSpans = windowSpans(image.height, ph, rows.stride, rows.pads);
  const colSpans = windowSpans(image.width, pw, cols.stride, cols.pads);
  const divisorOf = (size: number, span: { count: number }): number => (node.countPads ? size : span.count);
  const denominator =
    rowSpans.map((span) => divisorOf(ph, span)).reduce(leastCommonMultiple, 1) *
    colSpans.map((span) => divisorOf(pw, span)).reduce(leastCommonMultiple, 1);
  const own = elementRanges(inferred);
  const elements: Signal[] = [];
  for (const row of rowSpans) {
    for (const col of colSpans) {
      const weight = BigInt(denominator / (divisorOf(ph, row) * divisorOf(pw, col)));
      for (let c = 0; c < image.channels; c++) {
        const codes: Signal[] = [];
        for (let y = row.from; y < row.from + row.count; y++) {
          for (let x = col.from; x < col.from + col.count; x++) {
            codes.push(image.codes[(y * image.width + x) * image.channels + c]);
          }
        }
        const [result] = b.instance(
          {
            name: node.name,
            key: JSON.stringify([node.name, codes.length, `${weight}`]),
            comment: [`${node.name}: ${node.mode} of ${codes.length} pixels`],
            build: (m, window) => [node.mode === 'max' ? treeOf(m, window, larger) : m.scale(m.sum(window), weight)],
          },
          codes,
        );
        elements.push(b.narrow(result, own[elements.length]));
      }
    }
  }
  return { kind: 'dense', elements };
}

interface Axis {
  readonly stride: number;
  readonly pads: Pads;
  readonly dilation: number;
}

function axesOf(node: Node): [Axis, Axis] {
  const flat: Axis = { stride: 1, pads: [0, 0], dilation: 1 };
  switch (node.op) {
    case 'conv1d':
      return [flat, { stride: node.stride, pads: node.pads, dilation: node.dilation }];
    case 'pool1d':
      return [flat, { stride: node.stride, pads: node.pads, dilation: 1 }];
    case 'conv2d':
      return [0, 1].map((d) => ({ stride: node.strides[d], pads: node.pads[d], dilation: node.dilation[d] })) as [
        Axis,
        Axis,
      ];
    case 'pool2d':
      return [0, 1].map((d) => ({ stride: node.strides[d], pads: node.pads[d], dilation: 1 })) as [Axis, Axis];
    default:
      throw new TypeError(`no window in ${node satisfies never}`);
  }
}

function imageOf(context: BlockContext<Node>): Image {
  const { b, inputs } = context;
  const { shape } = inputs[0].inferred;
  const [height, width, channels] = shape.length === 2 ? [1, ...shape] : shape;
  const ranges = elementRanges(inputs[0].inferred);
  const live = ranges.map((range) => !(isConstant(range) && range.lo === 0n));
  const finest = Array.from({ length: channels }, (_, c) =>
    Math.max(...ranges.filter((_, j) => j % channels === c && live[j]).map(({ f }) => f)),
  );
  const codes = denseInput(context).elements.map((x, j) =>
    live[j] ? b.shift(x, ranges[j].f - finest[j % channels]) : b.constant(0),
  );
  const { chunks } = denseInput(context);
  const parts =
    chunks === undefined || shape.length === 2 || !sameScale(ranges, chunks)
      ? {}
      : {
          chunks: {
            ...chunks,
            elements: chunks.elements.map((x, e) => {
              const at = ranges.findIndex((_, j) => live[j] && j % chunks.elements.length === e);
              return at < 0 ? b.constant(0) : b.shift(x, ranges[at].f - finest[at % channels]);
            }),
          },
        };
  const byChannel = finest.map((_, c) => ranges.filter((__, j) => j % channels === c));
  return { height, width, channels, codes, byChannel, ...parts };
}

function usedChannels(matrix: readonly number[], channels: number, filters: number): boolean[] {
  const used = new Array<boolean>(channels).fill(false);
  matrix.forEach((weight, p) => {
    if (weight !== 0) used[Math.floor(p / filters) % channels] = true;
  });
  return used;
}
