import type { FixedGraph, GraphNode, OverflowMode, RoundMode, Weights } from '@sp/quant';
import { formatWidth, sizeOf } from '@sp/quant';
import type { FormatTable } from '@sp/quant/internal';
import { formatAt } from '@sp/quant/internal';
import { ceilLog2 } from '@sp/quant/numeric';
import { unaryFunction } from '../layers/unary-functions.ts';
import { LowerError } from '../lower/lowered.ts';
import { container, type Kif, meet, typeText } from './scalar-kif.ts';

/** Options of `legacyTypes`. */
export interface LegacyTypesOptions {
  /**
   * HGQ v1's `accum_fp_max_offset`: an accumulator keeps at most so many fraction bits more than its result. The firmware would
   * then no longer compute what the graph computes, so this changes nothing but the strings. Default: all bits are kept.
   */
  readonly accumFpMaxOffset?: number | null;
}

/** hls4ml's types of one layer of a proxy, as HGQ v1 derives them. */
export interface LegacyTypesRow {
  /** Name of the model layer. */
  readonly layer: string;
  /** Which of its proxy's layers: the input in front, the operation itself, or a quantizer or relu behind it. */
  readonly part: 'input' | 'layer' | 'quantizer' | 'relu' | 'relu_quantizer';
  readonly result: string;
  /** Of dense layers and convolutions. */
  readonly weight?: string;
  readonly accum?: string;
  readonly bias?: string;
}

/** A layer of the proxy: nodes that are two of them are taken apart. */
interface Step {
  readonly node: GraphNode;
  readonly kind: 'input' | 'quantizer' | 'function' | 'node';
  readonly part: LegacyTypesRow['part'];
  readonly sources: readonly Step[];
  readonly produced: Kif;
}

const unknown: Kif = { k: 1, i: Number.POSITIVE_INFINITY, f: Number.POSITIVE_INFINITY };

/**
 * Type strings of HGQ v1's own precision derivation (`skip_precision_reg=False`, hgq1 §4.7), for a config of hls4ml before
 * 1.2. Our firmware does not need them: its types are exact intervals.
 *
 * @throws LowerError for a type of more than 64 bits, as upstream ("not properly quantized")
 */
export function legacyTypes(graph: FixedGraph, options: LegacyTypesOptions = {}): readonly LegacyTypesRow[] {
  const steps = stepsOf(graph);
  const consumers = new Map<Step, Step[]>(steps.map((step) => [step, []]));
  for (const step of steps) for (const source of step.sources) consumers.get(source)?.push(step);
  return steps
    .filter(({ kind }) => kind !== 'function')
    .map((step) => rowOf(step, consumers, options.accumFpMaxOffset ?? null));
}

function stepsOf(graph: FixedGraph): readonly Step[] {
  const last = new Map<string, Step>();
  const steps: Step[] = [];
  for (const node of graph.nodes) {
    if (node.op === 'constant') continue;
    const sources = node.inputs.flatMap((name) => last.get(name) ?? []);
    const add = (kind: Step['kind'], part: Step['part'], from: readonly Step[]): Step => {
      const step = { node, kind, part, sources: from, produced: producedBy(node, kind, from) };
      steps.push(step);
      return step;
    };
    if (node.op === 'input') last.set(node.name, add('quantizer', 'quantizer', [add('input', 'input', [])]));
    else if (node.op === 'lut' && functionOf(node) != null)
      last.set(node.name, add('quantizer', 'quantizer', [add('function', 'layer', sources)]));
    else last.set(node.name, add(node.op === 'requantize' ? 'quantizer' : 'node', partOf(node), sources));
  }
  return steps;
}

function partOf(node: GraphNode): Step['part'] {
  const suffix = node.name.slice((node.layer ?? node.name).length + 1);
  return suffix === 'relu' || suffix === 'quantizer' || suffix === 'relu_quantizer' ? suffix : 'layer';
}

/** The plain function behind a table that also holds a quantizer. */
function functionOf(node: GraphNode): ((x: number) => number) | null {
  const [, name] = /^(\w+)\(x\)$/.exec((node.op === 'lut' ? node.expression : '') ?? '') ?? [];
  return name == null ? null : unaryFunction(name, node.layer ?? node.name).value;
}

/** Widths for the whole layer that its operation gives. */
function producedBy(node: GraphNode, kind: Step['kind'], sources: readonly Step[]): Kif {
  const inputs = sources.map(({ produced }) => produced);
  const [x] = inputs;
  if (kind === 'input') return unknown;
  if (kind === 'quantizer') return meet(x, widestOf(quantizerTable(node)));
  if (kind === 'function') return imageOf(functionOf(node) as (x: number) => number, x);
  switch (node.op) {
    case 'dense':
    case 'conv1d':
    case 'conv2d': {
      const { k, i, f } = container(valuesOf(node.kernel));
      const negative = node.bias?.codes.some((code) => code < 0) === true;
      const outputs = node.kernel.shape.at(-1) as number;
      const more = ceilLog2(sizeOf(node.kernel.shape) / outputs);
      return { k: x.k === 1 || k === 1 || negative ? 1 : 0, i: x.i + i + more, f: x.f + f };
    }
    case 'relu':
      return x.i + x.f <= 0 ? { k: 0, i: 1, f: 0 } : { ...x, k: 0 };
    case 'lut':
      return container(node.tables.flatMap(({ codes }) => codes.map((code) => code * 2 ** -node.f)));
    case 'pool1d':
    case 'pool2d':
      return node.mode === 'max' ? x : { ...x, f: x.f + ceilLog2(sizeOf([node.pool].flat())) };
    case 'add':
    case 'sub':
      return { ...largest(inputs), i: largest(inputs).i + 1, k: node.op === 'sub' ? 1 : largest(inputs).k };
    case 'concat':
      return largest(inputs);
    case 'reshape':
    case 'transpose':
    case 'take':
      return x;
    default:
      return unknown;
  }
}

function imageOf(f: (x: number) => number, { k, i, f: fraction }: Kif): Kif {
  const width = k + i + fraction;
  if (!(width <= 20)) return unknown;
  const least = k === 1 ? -(2 ** (i + fraction)) : 0;
  return container(Array.from({ length: 2 ** width }, (_, j) => Math.fround(f((least + j) * 2 ** -fraction))));
}

function rowOf(step: Step, consumers: ReadonlyMap<Step, readonly Step[]>, offset: number | null): LegacyTypesRow {
  const { node, part, produced } = step;
  const layer = node.layer ?? node.name;
  const { kif, round, overflow } = resultOf(step, consumers);
  const text = (type: Kif, ...modes: string[]): string => {
    if (!(type.i + type.f <= 64)) {
      throw new LowerError(
        layer,
        `its type would have ${type.i + type.f} bits: it is not properly quantised.`,
        'Put a quantizer in front of it and behind it.',
      );
    }
    return typeText(type, modes);
  };
  const row = { layer: step.kind === 'input' ? node.name : layer, part, result: text(kif, round, overflow) };
  if (!('kernel' in node) || step.kind !== 'node') return row;
  const f = offset == null ? produced.f : Math.min(kif.f + offset, produced.f);
  const accum = text(overflow.startsWith('WRAP') ? { ...kif, f } : { ...produced, f });
  return { ...row, weight: text(container(valuesOf(node.kernel))), accum, bias: accum };
}

interface ResultType {
  readonly kif: Kif;
  readonly round: RoundMode;
  readonly overflow: OverflowMode;
}

function resultOf(step: Step, consumers: ReadonlyMap<Step, readonly Step[]>): ResultType {
  const next = consumers.get(step) ?? [];
  const [only] = next;
  // A quantizer of one format, the only one to follow, is made the layer's own type.
  if (next.length === 1 && only.kind === 'quantizer' && isUniform(quantizerTable(only.node))) {
    return { kif: widestOf(quantizerTable(only.node)), ...modesOf(only.node) };
  }
  if (step.kind === 'input') {
    const kifs = next.map(({ node }) => {
      const own = widestOf(quantizerTable(node));
      return { ...own, f: own.f + roundingBits(modesOf(node).round) };
    });
    return { kif: largest(kifs), round: 'TRN', overflow: modesOf(only.node).overflow };
  }
  return { kif: meet(step.produced, requestedOf(step, consumers), true), round: 'TRN', overflow: 'WRAP' };
}

/** What the layers behind make of the result. */
function requestedOf(step: Step, consumers: ReadonlyMap<Step, readonly Step[]>): Kif {
  const next = consumers.get(step) ?? [];
  if (next.length === 0) return unknown;
  return largest(
    next.map((consumer) => {
      if (consumer.kind === 'quantizer') {
        const { k, i, f } = shrunk(widestOf(quantizerTable(consumer.node)), consumer.produced);
        const { round, overflow } = modesOf(consumer.node);
        return { k, i: overflow.startsWith('WRAP') ? i : Number.POSITIVE_INFINITY, f: f + roundingBits(round) };
      }
      return ['concat', 'reshape'].includes(consumer.node.op) ? requestedOf(consumer, consumers) : unknown;
    }),
  );
}

/** Fraction bits that rounding looks at, beyond those it keeps. */
function roundingBits(round: RoundMode): number {
  return round === 'TRN' ? 0 : round === 'RND' ? 1 : 2;
}

function quantizerTable(node: GraphNode): FormatTable {
  return node.op === 'requantize' ? node.to : node.format;
}

function modesOf(node: GraphNode): { readonly round: RoundMode; readonly overflow: OverflowMode } {
  return node.op === 'requantize' || node.op === 'input' ? node : { round: 'TRN', overflow: 'WRAP' };
}

function shrunk(own: Kif, cap: Kif): Kif {
  return { k: own.k < cap.k ? own.k : cap.k, i: Math.min(own.i, cap.i), f: Math.min(own.f, cap.f) };
}

/** Formats of a quantizer; one without bits counts as 0, 0, 0. */
function kifsOf(table: FormatTable): readonly Kif[] {
  return table.f.map((_, j) => {
    const format = formatAt(table, j);
    return formatWidth(format) <= 0 ? { k: 0, i: 0, f: 0 } : format;
  });
}

function widestOf(table: FormatTable): Kif {
  return largest(kifsOf(table));
}

function isUniform(table: FormatTable): boolean {
  const [first, ...rest] = kifsOf(table);
  return rest.every(({ k, i, f }) => k === first.k && i === first.i && f === first.f);
}

function largest(kifs: readonly Kif[]): Kif {
  return {
    k: kifs.some(({ k }) => k === 1) ? 1 : 0,
    i: Math.max(...kifs.map(({ i }) => i)),
    f: Math.max(...kifs.map(({ f }) => f)),
  };
}

function valuesOf({ codes, f }: Weights): readonly number[] {
  return codes.map((code) => code * 2 ** -f);
}
