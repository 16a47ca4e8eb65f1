// Deciding

export { clockCheck } from './plan/clock-check.ts';
export { planRtl, type RtlPlan } from './plan/plan-rtl.ts';

// Exploring

export { exploreRtl } from './explore/explore-rtl.ts';
export { exploreRtlTable } from './explore/explore-rtl-table.ts';

// Emitting

export { emitRtl } from './emit/emit-rtl.ts';
export { writeRtl } from './emit/write-rtl.ts';

// Area

export { folderCache, memoryCache } from './area/area-cache.ts';
export { areaTable } from './area/area-table.ts';
export { compareMapped } from './area/compare-mapped.ts';
export { estimateRtl } from './area/estimate-rtl.ts';
export type { Resources } from './area/resources.ts';
export { synthesise } from './area/synthesise.ts';

// Simulating

export { compareRtl } from './simulate/compare-rtl.ts';
export { simulateRtl } from './simulate/simulate-rtl.ts';

// Test vectors

export { imageCodes } from './vectors/image-codes.ts';
export { testImages } from './vectors/test-images.ts';

// Running what was emitted

export { runIcarus } from './verilog/run-icarus.ts';

// Errors

export { RtlError } from './errors.ts';
