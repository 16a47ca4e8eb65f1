/**
 * What a user decides about the firmware. No option but `precision` changes a single output bit: they trade latency against area.
 */

/**
 * How a matrix product is built: `latency`, all products at once (with a reuse factor, as far as the tool shares them); `resource`, multipliers that take
 * turns; `resource_unrolled`, the same without the multipliers whose weights are all 0; `distributed_arithmetic`, shared additions and shifts without a multiplier (reuse factor 1). `auto`: `resource` with a reuse factor; without one the smaller of
 * `distributed_arithmetic` (for up to 20,000 weights) and `latency` by estimate, and for Vivado HLS `resource` where it refuses that many weights at once.
 */
export type Strategy = 'auto' | 'latency' | 'resource' | 'resource_unrolled' | 'distributed_arithmetic';

/**
 * How the input reduction finds active pixels: `tree`, one search over all pixels per slot; `stream`, one pixel per clock; `prefix`, all pixels move to
 * their slots at once, so that the interval does not grow with the slots.
 */
export type ReduceVariant = 'tree' | 'stream' | 'prefix';

/**
 * How a sparse convolution is built (`hardware §3`): `pairs`, every slot looks at every slot and the offset between them selects the weight; `gather`, the
 * neighbours of a slot are brought into a window that goes through shared additions, without multipliers. `auto`: what the estimate says is smaller.
 */
export type ConvArchitecture = 'auto' | 'pairs' | 'gather';

/** Options of a layer. Each kind of node understands some of them; see `layerOptionNames`. */
export interface LayerOptions {
  /** Dense and convolution: default `auto`. */
  readonly strategy?: Strategy;
  /** Dense and convolution: how often each multiplier is used, default 1. With `resource` one of `listValidReuseFactors(inputs, outputs)`. */
  readonly reuseFactor?: number;
  /**
   * Convolution and pooling, with `io_parallel` (a stream has 1): output pixels computed at once (a divisor of their number; default 1 for a convolution, all for pooling).
   * Sparse convolution and pooling: slots computed at once (a divisor of the slots, default all); `pixelParallelFactor` goes first.
   * Einsum: results computed at once (default all).
   */
  readonly parallelizationFactor?: number;
  /** Sparse convolution and pooling: slots computed at once (a divisor of the slots, default all). */
  readonly pixelParallelFactor?: number;
  /** Sparse convolution: default `auto`. */
  readonly convArchitecture?: ConvArchitecture;
  /** Sparse convolution: filters computed at once (a divisor of the filters, default all); `pairs` only. */
  readonly filtParallelFactor?: number;
  /** Sparse pooling: channels computed at once (a divisor of the channels, default all). */
  readonly chanParallelFactor?: number;
  /** Sparse flatten: output pixels written at once (a divisor of height × width, default all). */
  readonly parallelFactor?: number;
  /** Input reduction, default `prefix` or `tree`, whichever makes the smaller firmware by estimate; with `io_stream` `stream`. */
  readonly variant?: ReduceVariant;
}

/** Name of an option of a layer. */
export type LayerOptionName = keyof LayerOptions;

/** Options of a layer by its name: those that change cost, and its precision. */
export interface NamedLayerOptions extends LayerOptions {
  /**
   * Type of the layer's result, such as `ap_fixed<8,3,RND,SAT>`: the one option that changes values. Default `auto`, exactly what the graph says. The plan holds the changed
   * graph.
   */
  readonly precision?: string;
}

/** How values enter, pass and leave: `io_parallel`, whole tensors at once; `io_stream`, pixel by pixel and slot by slot. */
export type IoType = 'io_parallel' | 'io_stream';

/** Options of the whole project, besides defaults for every layer. */
export interface ModelOptions extends LayerOptions {
  /** Default `io_parallel`. */
  readonly ioType?: IoType;
  /** `dataflow`: layers run as concurrent processes; `pipeline`: one fully unrolled pipeline. Default `auto`: `dataflow` unless nothing loops. */
  readonly pipelineStyle?: 'auto' | 'dataflow' | 'pipeline';
  /** Nanoseconds, default 5. */
  readonly clockPeriod?: number;
  /** Share of the period kept free, in percent. Default 27 (Vitis) or 12.5 (Vivado), the tools' own. */
  readonly clockUncertainty?: number;
  /** Default `xcu250-figd2104-2L-e`. */
  readonly part?: string;
  /** Which tool `build_prj.tcl` is for by default, default `Vitis`. */
  readonly backend?: 'Vitis' | 'Vivado';
}

/**
 * Options at three levels; for each option the most specific level that has it wins: node or layer name, then type (`op` of the node), then
 * model, then the built-in default.
 *
 * @example
 * { model: { reuseFactor: 4 }, layerType: { sparseConv2d: { filtParallelFactor: 1 } }, layerName: { dense2: { reuseFactor: 8 } } }
 */
export interface HlsConfig {
  readonly model?: ModelOptions;
  readonly layerType?: Readonly<Record<string, LayerOptions>>;
  readonly layerName?: Readonly<Record<string, NamedLayerOptions>>;
}
