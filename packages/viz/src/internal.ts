/**
 * What `@sp/viz` holds but does not promise: what the other packages of this repository share with
 * it, and the types that name options, results and parts of its public functions, so that every
 * declaration can be named. May change in any release; programs import the other entries.
 *
 * @module
 */

// Figures: plain data in, Vega-Lite specification out

export type { ActivePixelsPlotOptions, ActivePixelsRow } from './figures/active-pixels-vs-threshold-plot.ts';
export type { ConfusionMatrixInput } from './figures/confusion-matrix.ts';
export type { LayerEbops } from './figures/ebops-by-layer.ts';
export type { ExploredPlanCost, ExploredPlansOptions } from './figures/explored-plans.ts';
export type { HistoryEpoch, HistoryOptions } from './figures/history.ts';
export type { Estimated, LatencyVsResourcesOptions } from './figures/latency-vs-resources.ts';
export type { LayerOutput, LayerOutputsPlotOptions } from './figures/layer-outputs-plot.ts';
export type { DiagramNode, NetworkDiagramOptions } from './figures/network-diagram.ts';
export type { ParallelAxis, ParallelRow } from './figures/parallel-coordinates.ts';
export type { ParameterImportance } from './figures/parameter-importance.ts';
export type { ParetoFrontPlotOptions } from './figures/pareto-front-plot.ts';
export type { ValueSummary } from './figures/profile-plot.ts';
export type { PruningHistoryOptions, PruningStep } from './figures/pruning-history.ts';
export type { TensorBits, TensorRole } from './figures/quantization.ts';
export type { QuantizationHeatmapsOptions } from './figures/quantization-heatmaps.ts';
export type {
  PixelPlace,
  ReducedExample,
  ReducedExamplesInput,
  ReducedExamplesPlotOptions,
} from './figures/reduced-examples-plot.ts';
export type { RocCurveOptions, RocPoint } from './figures/roc-curve.ts';
export type { LayerSparsity } from './figures/sparsity-by-layer.ts';

// What figures have in common

export type { Json, JsonObject } from './spec/json.ts';

// Drawing

export type { PngOptions } from './png.ts';
export type { RenderOptions } from './render/render-svg.ts';

// The whole run as one page

export type { PageTheme } from './report/page.ts';
export type { ReportOptions } from './report/report.ts';
export type { ReportFact, ReportFile, ReportSearch, VerificationRow } from './report/run.ts';
