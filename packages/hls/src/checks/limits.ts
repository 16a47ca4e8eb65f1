import type { ProjectSettings } from '../plan/hls-plan.ts';

/** Limits of a synthesis tool that users run into. */
export interface ToolLimits {
  /** What messages call the tool. */
  readonly tool: string;
  /** Elements of a completely partitioned array above which the tool refuses it. */
  readonly partition: number;
  /** The same, above which it warns of long run times. */
  readonly slowPartition: number;
  /** Where that stands. */
  readonly source: string;
}

/** By backend. */
export const TOOL_LIMITS: Readonly<Record<ProjectSettings['backend'], ToolLimits>> = {
  // XFORM 203-103: 1,024 by default; the emitted script raises it with `config_array_partition -maximum_size 4096` (hls4ml §4, 1).
  Vivado: {
    tool: 'Vivado HLS',
    partition: 4096,
    slowPartition: 4096,
    source: 'XFORM 203-103, with config_array_partition -maximum_size 4096',
  },
  // Vitis has no such option (UG1391, UG1399 "config_array_partition") and refuses no size; above 1,024 it speaks of long run times.
  Vitis: {
    tool: 'Vitis HLS',
    partition: Number.POSITIVE_INFINITY,
    slowPartition: 1024,
    source: 'UG1448, message 200-868',
  },
};

/** Limits of both tools. */
export const LIMITS = {
  /** Bits of a reshaped array (hls4ml §4, 1). */
  word: 65536,
  /** Bits of a packet of a stream: "the maximum supported port width is 4096 bits, even for aggregated structs" (UG1399, AXI4-Stream Interfaces). */
  packet: 4096,
  /** Bits of an arbitrary precision type without AP_INT_MAX_W (UG1399, Arbitrary Precision Data Types). */
  number: 1024,
  /** Products unrolled in one process: experience of users (hls4ml §4, 2). */
  products: 16384,
  /** Entries of a function table that is read many times in a clock. */
  table: 4096,
} as const;
