/**
 * What `@sp/hls` holds but does not promise: what the other packages of this repository share with
 * it, and the types that name options, results and parts of its public functions, so that every
 * declaration can be named. May change in any release; programs import the other entries.
 *
 * @module
 */

// Deciding

export type { IoType, LayerOptionName, ModelOptions, NamedLayerOptions, ReduceVariant } from './config/config.ts';
export type { ConfigGranularity } from './config/config-from-graph.ts';
export type { FixedType } from './plan/fixed-type.ts';
export type { NodePlan, ProjectSettings } from './plan/hls-plan.ts';

// Checking before synthesis

export type { Finding } from './checks/check-plan.ts';
export type { SavedWork } from './checks/saved-work.ts';

// Estimating

export type { NodeCost } from './estimate/cost.ts';
export type { NodeEstimate, Range } from './estimate/estimate.ts';

// Exploring

export type { ExploredPlan, PlanLimits } from './explore/explore.ts';

// Emitting

export type { EmitOptions } from './emit/emit.ts';
export type { GoldenVectors } from './emit/golden.ts';
export type { ProjectDescription, ProjectNode } from './emit/project.ts';

// Running

export type { BuildOptions, BuildResult, BuildStep, SynthesisTool } from './run/build.ts';
export type { ProcessLimits } from './run/child.ts';
export type { CompareOptions, Comparison, ComparisonRow } from './run/compare.ts';
export type { CompileOptions } from './run/compile.ts';
export type { RunOptions, TraceOptions } from './run/predict.ts';
export type { NetworkInputs } from './run/protocol.ts';

// Profiling

export type { ProfileRow } from './profile/profile.ts';

// Reports of the tools

export type { CosimRange, CosimReport } from './reports/cosim-report.ts';
export type { CsynthReport, Resources, ToolReports } from './reports/read-reports.ts';
export type { TimingReport } from './reports/timing-report.ts';

// Published designs

export type { Agreement, EstimatedRow, PublishedEvaluation } from './published/evaluate-published.ts';
export type { ReportedCost } from './published/published-rows.ts';

// Ops from outside

export type { ConstantArray, Decisions, KernelCode, NodeContext, Rhythm, WrittenFunction } from './kernels/kernel.ts';

// Errors

export type { CompileFailure } from './errors.ts';
