/**
 * The hardware as plain data: modules of word-level cells. Both the Verilog text and the simulator are made from it, and from
 * nothing else.
 *
 * A cell is one wire together with what drives it. Cells of a module are numbered; a cell reads cells of its own module, all of
 * them earlier ones except that a register may read later ones. Widths are those of the Verilog wires: a result that does not
 * fit is cut, as there. All numbers are integers; binary points are nobody's business here.
 */

/** Number and signedness of the bits of a wire. */
export interface WireType {
  /** At least 1. */
  readonly width: number;
  readonly signed: boolean;
}

interface CellFields extends WireType {
  /** Name of the wire, unique within the module. */
  readonly name: string;
  /** The cells it reads. */
  readonly ins: readonly number[];
  /** Pipeline stage, counted from the module's first input, and LUT levels behind the registers of that stage. */
  readonly stage: number;
  readonly level: number;
}

/** One wire and what drives it. */
export type Cell = CellFields &
  (
    | { readonly op: 'port' }
    | { readonly op: 'const'; readonly value: bigint }
    /** `ins[0] · 2^shifts[0] ± ins[1] · 2^shifts[1]`. */
    | { readonly op: 'add' | 'sub'; readonly shifts: readonly [number, number] }
    | { readonly op: 'mul' }
    /** `width` bits from bit `from` on, read as `signed` says; bits beyond the top repeat the sign. */
    | { readonly op: 'bits'; readonly from: number }
    | { readonly op: 'shl'; readonly by: number }
    /** All bits of all inputs after each other, the first input on top. */
    | { readonly op: 'cat' }
    /** Bitwise, of inputs of the cell's width. */
    | { readonly op: 'and' | 'or' | 'xor' }
    | { readonly op: 'not' }
    /** Whether any bit of the first input is set, and the other inputs (bits), if any, are too. */
    | { readonly op: 'any' }
    /** Bitwise or of all `ins[2j + 1]` whose `ins[2j]` (one bit) is set. */
    | { readonly op: 'select' }
    /** `ins[0] ? ins[1] : ins[2]`. */
    | { readonly op: 'mux' }
    /** Comparison of two numbers: one bit. */
    | { readonly op: 'eq' | 'lt' }
    /** Entry number `ins[0]` (an unsigned word of as many bits as the table needs). */
    | { readonly op: 'table'; readonly values: readonly bigint[] }
    /** `ins[0]` of the last clock in which `ins[1]`, if present, was set. Register of 0 after reset if `reset`. */
    | { readonly op: 'reg'; readonly reset: boolean }
    /** An instance of a module; `ins` are its input ports in order. Has no value of its own. */
    | { readonly op: 'instance'; readonly module: string }
    /** Output port number `port` of the instance `ins[0]`. */
    | { readonly op: 'result'; readonly port: number }
  );

/** A port of a module. */
export interface Port {
  readonly name: string;
  /** The cell that it is (an input) or that drives it (an output). */
  readonly cell: number;
}

/** One Verilog module. Besides its ports it has a clock `clk`, and `rst` and `go` where `sequenced`. */
export interface RtlModule {
  readonly name: string;
  /** What it does, for the reader of the Verilog. */
  readonly comment: readonly string[];
  readonly cells: readonly Cell[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Whether it counts clocks: then cell `go` is a one-bit input that is set in stage 0 of every image. */
  readonly go?: number;
  /** Whether it or something in it has registers. */
  readonly clocked: boolean;
}

/** All modules of a design, children first; the last is the top. */
export interface Design {
  readonly modules: readonly RtlModule[];
}
