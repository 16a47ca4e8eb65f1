// Checking before synthesis
export type { Finding } from './checks/check-plan.ts';
export { checkPlan, countFindings } from './checks/check-plan.ts';
export { type SavedWork, savedWork } from './checks/saved-work.ts';
// Deciding
export type {
  HlsConfig,
  IoType,
  LayerOptionName,
  LayerOptions,
  ModelOptions,
  NamedLayerOptions,
  ReduceVariant,
  Strategy,
} from './config/config.ts';
export type { ConfigGranularity } from './config/config-from-graph.ts';
export { configFromGraph } from './config/config-from-graph.ts';
// Emitting
export type { EmitOptions } from './emit/emit.ts';
export { emit } from './emit/emit.ts';
export type { GoldenVectors } from './emit/golden.ts';
export { goldenVectors } from './emit/golden.ts';
export type { ProjectDescription, ProjectNode } from './emit/project.ts';
export { write } from './emit/write.ts';
// Errors
export {
  CompileError,
  type CompileFailure,
  ConfigError,
  FirmwareError,
  NoCompilerError,
  NoToolError,
} from './errors.ts';
// Estimating
export type { NodeCost } from './estimate/cost.ts';
export type { Estimate, NodeEstimate, Range } from './estimate/estimate.ts';
export { estimate } from './estimate/estimate.ts';
// Exploring
export type { ExploredPlan, PlanLimits } from './explore/explore.ts';
export { explore, pickPlan } from './explore/explore.ts';
export { exploreTable } from './explore/explore-table.ts';
// Ops from outside
export type { KernelExtension } from './kernels/extensions.ts';
export { registerKernel } from './kernels/extensions.ts';
export type { ConstantArray, Decisions, KernelCode, NodeContext, Rhythm, WrittenFunction } from './kernels/kernel.ts';
export { listValidParallelFactors, listValidReuseFactors } from './plan/factors.ts';
export type { FixedType } from './plan/fixed-type.ts';
export type { HlsPlan, NodePlan, ProjectSettings } from './plan/hls-plan.ts';
export { plan } from './plan/plan.ts';
// Profiling
export type { ProfileRow } from './profile/profile.ts';
export { profile, profileTable } from './profile/profile.ts';
// Published designs
export type { Agreement, EstimatedRow, PublishedEvaluation } from './published/evaluate-published.ts';
export { evaluatePublished } from './published/evaluate-published.ts';
export type { ReportedCost } from './published/published-rows.ts';
export type { CosimRange, CosimReport } from './reports/cosim-report.ts';
export { parseCosim } from './reports/cosim-report.ts';
// Reports of the tools
export type { CsynthReport, Resources, ToolReports } from './reports/read-reports.ts';
export { parseCsynth, parseVsynth, readReports } from './reports/read-reports.ts';
export { reportTable } from './reports/report-table.ts';
export type { TimingReport } from './reports/timing-report.ts';
export { parseTiming } from './reports/timing-report.ts';
// Running
export type { BuildOptions, BuildResult, BuildStep, SynthesisTool } from './run/build.ts';
export { build } from './run/build.ts';
export type { ProcessLimits } from './run/child.ts';
export type { CompareOptions, Comparison, ComparisonRow } from './run/compare.ts';
export { compare, comparisonTable } from './run/compare.ts';
export type { CompiledProject, CompileOptions } from './run/compile.ts';
export { compile, findCompiler } from './run/compile.ts';
export type { RunOptions, TraceOptions } from './run/predict.ts';
export { predict, trace } from './run/predict.ts';
export type { NetworkInputs } from './run/protocol.ts';
