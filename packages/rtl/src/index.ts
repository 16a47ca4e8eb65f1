// Area
export type { AreaCache, CachedArea } from './area/area-cache.ts';
export { folderCache, memoryCache } from './area/area-cache.ts';
export { areaTable } from './area/area-table.ts';
export type { MappedComparison, MappedRow } from './area/compare-mapped.ts';
export { compareMapped } from './area/compare-mapped.ts';
export type { BlockEstimate } from './area/estimate-rtl.ts';
export { estimateRtl } from './area/estimate-rtl.ts';
export type { Net, NetCell, Netlist } from './area/netlist.ts';
export type { Resources } from './area/resources.ts';
export type { BlockArea, Synthesis, SynthesisOptions, SynthesisProgress } from './area/synthesise.ts';
export { synthesise } from './area/synthesise.ts';
// Deciding
export type { AxiInput } from './axi/axi-shape.ts';
export type { InputPort, PortField } from './blocks/input.ts';
// Emitting
export type { DesignDescription } from './emit/describe-design.ts';
export type { EmitRtlOptions, RtlFiles } from './emit/emit-rtl.ts';
export { emitRtl } from './emit/emit-rtl.ts';
export { writeRtl } from './emit/write-rtl.ts';
// Errors
export { RtlError } from './errors.ts';
// Exploring
export type { ExploredDesign, ExploreOptions, RtlLimits } from './explore/explore-rtl.ts';
export { exploreRtl } from './explore/explore-rtl.ts';
export { exploreTable } from './explore/explore-table.ts';
// The hardware as data
export type { Cell, Design, Port, RtlModule, WireType } from './hdl/cell.ts';
export { clockCheck } from './plan/clock-check.ts';
export type { LayerStrategy, RtlOptions } from './plan/options.ts';
export type { NodePlan, OutputPlan, RtlPlan, Tap } from './plan/plan-rtl.ts';
export { planRtl } from './plan/plan-rtl.ts';
// Simulating
export type { RtlComparison, RtlComparisonRow } from './simulate/compare-rtl.ts';
export { compareRtl } from './simulate/compare-rtl.ts';
export type { RtlSimulation, SimulateOptions } from './simulate/simulate-rtl.ts';
export { simulateRtl } from './simulate/simulate-rtl.ts';
export type { CodeInputs } from './simulate/stimulus.ts';
// Test vectors
export { imageCodes } from './vectors/image-codes.ts';
export type { TestImages } from './vectors/test-images.ts';
export { testImages } from './vectors/test-images.ts';
// Running what was emitted
export type { VerilogRun } from './verilog/run-icarus.ts';
export { runIcarus } from './verilog/run-icarus.ts';
