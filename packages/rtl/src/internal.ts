/**
 * What `@sp/rtl` holds but does not promise: what the other packages of this repository share with
 * it, and the types that name options, results and parts of its public functions, so that every
 * declaration can be named. May change in any release; programs import the other entries.
 *
 * @module
 */

// Deciding

export type { LayerStrategy, RtlOptions } from './plan/options.ts';
export type { NodePlan, OutputPlan, Tap } from './plan/plan-rtl.ts';

// Exploring

export type { ExploredDesign, ExploreOptions, RtlLimits } from './explore/explore-rtl.ts';

// Emitting

export type { AxiInput } from './axi/axi-shape.ts';
export type { InputPort, PortField } from './blocks/input.ts';
export type { DesignDescription } from './emit/describe-design.ts';
export type { EmitRtlOptions, RtlFiles } from './emit/emit-rtl.ts';

// Area

export type { AreaCache, CachedArea } from './area/area-cache.ts';
export type { MappedComparison, MappedRow } from './area/compare-mapped.ts';
export type { BlockEstimate } from './area/estimate-rtl.ts';
export type { Net, NetCell, Netlist } from './area/netlist.ts';
export type { BlockArea, Synthesis, SynthesisOptions, SynthesisProgress } from './area/synthesise.ts';

// The hardware as data

export type { Cell, Design, Port, RtlModule, WireType } from './hdl/cell.ts';

// Simulating

export type { RtlComparison, RtlComparisonRow } from './simulate/compare-rtl.ts';
export type { RtlSimulation, SimulateOptions } from './simulate/simulate-rtl.ts';
export type { CodeInputs } from './simulate/stimulus.ts';

// Test vectors

export type { TestImages } from './vectors/test-images.ts';

// Running what was emitted

export type { VerilogRun } from './verilog/run-icarus.ts';
