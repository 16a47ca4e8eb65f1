// Figures: plain data in, Vega-Lite specification out

export { activePixelsVsThresholdPlot } from './figures/active-pixels-vs-threshold-plot.ts';
export { confusionMatrix } from './figures/confusion-matrix.ts';
export { ebopsByLayer } from './figures/ebops-by-layer.ts';
export { exploredPlans } from './figures/explored-plans.ts';
export { history } from './figures/history.ts';
export { latencyVsResources, type PartResources, type PlanCost } from './figures/latency-vs-resources.ts';
export { layerOutputsPlot } from './figures/layer-outputs-plot.ts';
export { networkDiagram } from './figures/network-diagram.ts';
export { parallelCoordinates } from './figures/parallel-coordinates.ts';
export { parameterImportance } from './figures/parameter-importance.ts';
export { parameterSlices } from './figures/parameter-slices.ts';
export { type ParetoPoint, paretoFrontPlot, paretoOptimal } from './figures/pareto-front-plot.ts';
export { type ProfileEntry, profilePlot, summarizeValues } from './figures/profile-plot.ts';
export { pruningHistory } from './figures/pruning-history.ts';
export { quantization } from './figures/quantization.ts';
export { quantizationHeatmaps } from './figures/quantization-heatmaps.ts';
export { reducedExamplesPlot } from './figures/reduced-examples-plot.ts';
export { oneVersusRest, type RocInput, rocCurve, rocOf } from './figures/roc-curve.ts';
export { sparsityByLayer } from './figures/sparsity-by-layer.ts';

// What figures have in common

export { FigureError } from './spec/checks.ts';
export type { FigureOptions } from './spec/figure.ts';
export type { VegaLiteSpec } from './spec/json.ts';
export { type Theme, type ThemeName, themes } from './theme/theme.ts';

// Drawing

export { type PictureAxis, type PlacedPicture, renderPlaced, renderSvg } from './render/render-svg.ts';

// The whole run as one page

export { report } from './report/report.ts';
export type { ReportRun, ReportTable } from './report/run.ts';
