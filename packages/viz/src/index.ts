// Figures: plain data in, Vega-Lite specification out.
export {
  type ActivePixelsOptions,
  type ActivePixelsRow,
  activePixelsVsThreshold,
} from './figures/active-pixels-vs-threshold.ts';
export { type ConfusionMatrixInput, confusionMatrix } from './figures/confusion-matrix.ts';
export { ebopsByLayer, type LayerEbops } from './figures/ebops-by-layer.ts';
export { type ExploredPlanCost, type ExploredPlansOptions, exploredPlans } from './figures/explored-plans.ts';
export { type HistoryEpoch, type HistoryOptions, history } from './figures/history.ts';
export {
  type Estimated,
  type LatencyVsResourcesOptions,
  latencyVsResources,
  type PartResources,
  type PlanCost,
} from './figures/latency-vs-resources.ts';
export { type LayerOutput, type LayerOutputsOptions, layerOutputs } from './figures/layer-outputs.ts';
export { type DiagramNode, type NetworkDiagramOptions, networkDiagram } from './figures/network-diagram.ts';
export {
  type ParallelAxis,
  type ParallelRow,
  parallelCoordinates,
} from './figures/parallel-coordinates.ts';
export { type ParameterImportance, parameterImportance } from './figures/parameter-importance.ts';
export { parameterSlices } from './figures/parameter-slices.ts';
export { type ParetoFrontOptions, type ParetoPoint, paretoFront, paretoOptimal } from './figures/pareto-front.ts';
export { type ProfileEntry, profile, summarizeValues, type ValueSummary } from './figures/profile.ts';
export { type PruningHistoryOptions, type PruningStep, pruningHistory } from './figures/pruning-history.ts';
export { quantization, type TensorBits, type TensorRole } from './figures/quantization.ts';
export { type QuantizationHeatmapsOptions, quantizationHeatmaps } from './figures/quantization-heatmaps.ts';
export {
  type PixelPlace,
  type ReducedExample,
  type ReducedExamplesInput,
  type ReducedExamplesOptions,
  reducedExamples,
} from './figures/reduced-examples.ts';
export {
  oneVersusRest,
  type RocCurveOptions,
  type RocInput,
  type RocPoint,
  rocCurve,
  rocOf,
} from './figures/roc-curve.ts';
export { type LayerSparsity, sparsityByLayer } from './figures/sparsity-by-layer.ts';
// Drawing.
export {
  type PictureAxis,
  type PlacedPicture,
  type RenderOptions,
  renderPlaced,
  renderSvg,
} from './render/render-svg.ts';
// The whole run as one page.
export type { PageTheme } from './report/page.ts';
export { type ReportOptions, report } from './report/report.ts';
export type { ReportFact, ReportFile, ReportRun, ReportSearch, ReportTable, VerificationRow } from './report/run.ts';
// What figures have in common.
export { FigureError } from './spec/checks.ts';
export type { FigureOptions } from './spec/figure.ts';
export type { Json, JsonObject, VegaLiteSpec } from './spec/json.ts';
export { type Theme, type ThemeName, themes } from './theme/theme.ts';
