/** How one node is built. Fields that its kind of node does not know are refused. */
export interface LayerStrategy {
  /**
   * With an interval above 1: whether the hardware of a layer is shared by the parts of an image that come after each other
   * (`'shared'`) or there for the whole image at once (`'parallel'`). Default `'shared'` where the layer can.
   */
  readonly hardware?: 'shared' | 'parallel';
  /**
   * How a sparse convolution with shared hardware is built: by gathering windows for an adder graph, or by a multiplier per
   * pair of slots. Default `'auto'`: by estimate.
   */
  readonly convArchitecture?: 'gather' | 'pairs' | 'auto';
}

/** Options of `planRtl`. */
export interface RtlOptions {
  /** Clocks between two images, 1 … 64. Default 1. */
  readonly interval?: number;
  /** LUT levels between two registers, 3 … 16: fewer for a faster clock and more cycles. Default 5, about 5 ns on UltraScale+. */
  readonly levelsPerStage?: number;
  /**
   * Clock period in nanoseconds, for constraints, scripts and `design.json`; `clockCheck` says whether a stage fits. Does not change the hardware. Default 5.
   */
  readonly clockPeriod?: number;
  /** The device, for scripts and `design.json`; does not change the hardware. Default `xcu250-figd2104-2L-e`, the published designs' device. */
  readonly part?: string;
  /**
   * Build `simplify(graph)` instead of the graph: the same outputs from less hardware. Default true; not done where it would move the
   * binary point of an output. Layer options of nodes that it removes do nothing.
   */
  readonly simplify?: boolean;
  /** Strategy by node name. */
  readonly layers?: Readonly<Record<string, LayerStrategy>>;
}
