import type { FixedGraph } from '@sp/quant';
import { formatWidth } from '@sp/quant';
import { formatAt } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';
import { type LowerOptions, lower } from '../lower/lower.ts';
import { LowerError, type LowerNote } from '../lower/lowered.ts';
import { allLayers } from '../model/walk.ts';
import { QKerasActivationLayer } from '../qkeras/qkeras-activation.ts';
import { QKerasAffine } from '../qkeras/qkeras-affine.ts';
import { HLayer } from './h-layer.ts';

/** Options of `toProxyModel`, as HGQ v1 calls them. */
export interface ProxyOptions extends Pick<LowerOptions, 'name' | 'softmax' | 'report'> {
  /** Values out of range wrap around (true, default) or saturate. QKeras models saturate: give false. */
  readonly aggressive?: boolean;
  /** Most entries of a table that stands for a function. Default 65536. */
  readonly unaryLutMaxTableSize?: number;
  /** Widest value, accumulators included, before it is an error. Default 64 bits. */
  readonly widthLimit?: number;
}

/**
 * HGQ v1's `to_proxy_model`: the fixed graph of an HGQ v1 or QKeras model, which computes what its firmware computes, with
 * and without overflow. Nested models are inlined. `accum_fp_max_offset` has no counterpart: accumulators are exact.
 *
 * @throws LowerError naming the layer: not traced, mixed vocabularies, a function too wide for a table, a derived width
 *   beyond `widthLimit`
 */
export function toProxyModel(model: tf.LayersModel, options: ProxyOptions = {}): FixedGraph {
  const { aggressive = true, unaryLutMaxTableSize = 2 ** 16, widthLimit = 64, ...rest } = options;
  const layers = allLayers(model);
  const qkeras = layers.find((layer) => layer instanceof QKerasAffine || layer instanceof QKerasActivationLayer);
  const hgq = layers.find((layer) => layer instanceof HLayer);
  if (qkeras != null && hgq != null) {
    throw new LowerError(
      qkeras.name,
      `it is a QKeras layer beside '${hgq.name}' of HGQ v1.`,
      'Convert models of one kind.',
    );
  }
  if (qkeras != null && aggressive) {
    const message = 'QKeras saturates; an aggressive conversion wraps around instead. Give aggressive: false.';
    rest.report?.({ kind: 'warning', layer: qkeras.name, message });
  }
  const graph = lower(model, { ...rest, overflow: aggressive ? 'WRAP' : 'SAT', tableLimit: unaryLutMaxTableSize });
  for (const { layer, node, width } of widthReport(graph)) {
    if (width <= widthLimit) continue;
    throw new LowerError(
      layer,
      `its value '${node}' needs ${width} bits; at most ${widthLimit} are allowed.`,
      'Quantise its input or weights to fewer bits (a layer without quantizer?), or raise widthLimit.',
    );
  }
  return graph;
}

/** Widest format of every value of a graph, widest first. */
export function widthReport(
  graph: FixedGraph,
): readonly { readonly layer: string; readonly node: string; readonly width: number }[] {
  return graph.nodes
    .map((node) => ({
      layer: node.layer ?? node.name,
      node: node.name,
      width: Math.max(...node.format.f.map((_, j) => formatWidth(formatAt(node.format, j)))),
    }))
    .sort((a, b) => b.width - a.width);
}

/** What `toProxyModel` reports. */
export type ProxyNote = LowerNote;
