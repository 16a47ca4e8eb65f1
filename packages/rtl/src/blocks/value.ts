import type { Signal } from '../hdl/signal.ts';

/** A code as `gate ? value : 0`, with a value that is known where the gate is set: whoever follows can put the gate where it costs nothing. */
export interface Gated {
  readonly gate: Signal;
  readonly value: Signal;
  readonly lo: bigint;
  readonly hi: bigint;
}

/** The elements of a dense tensor, row-major, as image signals. */
export interface DenseSignals {
  readonly kind: 'dense';
  readonly elements: readonly Signal[];
  readonly gated?: readonly Gated[];
  /** The same numbers as they come in, for those who can work on parts of an image. */
  readonly chunks?: DenseChunks;
}

/** A tensor that comes in parts: in phase p the slices `p · perClock … (p + 1) · perClock - 1` along its first dimension. */
export interface DenseChunks {
  readonly phases: number;
  readonly perClock: number;
  /** Chunk signals of the elements of `perClock` slices. Beyond the tensor they may be anything. */
  readonly elements: readonly Signal[];
}

/** One slot of a list. An invalid slot is all 0. */
export interface Slot {
  readonly valid: Signal;
  readonly row: Signal;
  readonly col: Signal;
  readonly codes: readonly Signal[];
  readonly gated?: readonly Gated[];
}

/**
 * In which order the pixels of a list stand: by rows and columns, or by rows only. Pooling keeps the rows in order, not the columns.
 */
export type SlotOrder = 'raster' | 'rows';

/** Hardware that computes the codes of neighbouring slots in turn: slot s is that of lane ⌊s / phases⌋ in phase s mod phases, as chunk signals. */
export interface Lanes {
  readonly phases: number;
  readonly slots: readonly Pick<Slot, 'valid' | 'codes' | 'gated'>[];
}

/** The slots of a list, as image signals. */
export interface ListSignals {
  readonly kind: 'list';
  readonly slots: readonly Slot[];
  readonly order: SlotOrder;
  /** Present where the codes of the slots come from lanes. */
  readonly lanes?: Lanes;
}

/** The signals that carry a node's value. */
export type Signals = DenseSignals | ListSignals;

/** All signals of a slot: valid, row, column, codes. */
export function slotSignals({ valid, row, col, codes }: Slot): Signal[] {
  return [valid, row, col, ...codes];
}

/** The slot that these signals are. */
export function slotOf([valid, row, col, ...codes]: readonly Signal[]): Slot {
  return { valid, row, col, codes };
}

/** The slots whose signals stand after each other, `channels` codes each. */
export function slotsOf(signals: readonly Signal[], channels: number): Slot[] {
  const size = 3 + channels;
  return Array.from({ length: signals.length / size }, (_, s) => slotOf(signals.slice(s * size, (s + 1) * size)));
}

/** All signals of a value in one list. */
export function signalsOf(value: Signals): readonly Signal[] {
  return value.kind === 'dense' ? value.elements : value.slots.flatMap(slotSignals);
}
