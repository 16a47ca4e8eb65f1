// Deciding

export type { HlsConfig, LayerOptions, Strategy } from './config/config.ts';
export { configFromGraph } from './config/config-from-graph.ts';
export { listValidParallelFactors, listValidReuseFactors } from './plan/factors.ts';
export type { HlsPlan } from './plan/hls-plan.ts';
export { plan } from './plan/plan.ts';

// Checking before synthesis

export { checkPlan, countFindings } from './checks/check-plan.ts';
export { savedWork } from './checks/saved-work.ts';

// Estimating

export { type Estimate, estimate } from './estimate/estimate.ts';

// Exploring

export { explore, pickPlan } from './explore/explore.ts';
export { exploreTable } from './explore/explore-table.ts';

// Emitting

export { emit } from './emit/emit.ts';
export { goldenVectors } from './emit/golden.ts';
export { write } from './emit/write.ts';

// Running

export { build } from './run/build.ts';
export { compare, comparisonTable } from './run/compare.ts';
export { type CompiledProject, compile, findCompiler } from './run/compile.ts';
export { predict, trace } from './run/predict.ts';

// Profiling

export { profile, profileTable } from './profile/profile.ts';

// Reports of the tools

export { parseCosim } from './reports/cosim-report.ts';
export { parseCsynth, parseVsynth, readReports } from './reports/read-reports.ts';
export { reportTable } from './reports/report-table.ts';
export { parseTiming } from './reports/timing-report.ts';

// Published designs

export { evaluatePublished } from './published/evaluate-published.ts';

// Ops from outside

export { type KernelExtension, registerKernel } from './kernels/extensions.ts';

// Errors

export { CompileError, ConfigError, FirmwareError, NoCompilerError, NoToolError } from './errors.ts';
