import type { Block, Memory, Numbers, Resident } from './memory.ts';

interface NumbersConstructor<View extends Numbers> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): View;
}

/**
 * An array in an engine's memory that can grow. `view` may be another object after anything was reserved in the same
 * memory: read it where it is used.
 */
export class Room<View extends Numbers = Numbers> implements Resident {
  view: View;
  private readonly memory: Memory;
  private readonly type: NumbersConstructor<View>;
  private readonly outlives: boolean;
  private block: Block;
  private length: number;

  /** `outlives`: whether the numbers stay when the memory ends. */
  constructor(memory: Memory, type: NumbersConstructor<View>, length: number, outlives = false) {
    this.memory = memory;
    this.type = type;
    this.length = length;
    this.outlives = outlives;
    this.block = memory.allocate(length * type.BYTES_PER_ELEMENT, this);
    this.view = new type(this.block.buffer, this.block.offset, length);
  }

  /** Makes room for `length` numbers; they are 0 if there was less, else what they were. */
  reserve(length: number): void {
    // Some more, so that batches of similar size seldom need new memory.
    if (this.view.length < length) this.replace(length + (length >> 2) + 16, false);
  }

  /** Makes room for `length` numbers and keeps those that are there. */
  extend(length: number): void {
    if (this.view.length < length) this.replace(Math.max(length, 2 * this.view.length), true);
  }

  move({ buffer, offset = this.block.offset }: { readonly buffer: ArrayBufferLike; readonly offset?: number }): void {
    this.block = { buffer, offset };
    this.view = new this.type(buffer, offset, this.length);
  }

  close(): void {
    const { type, view } = this;
    this.length = this.outlives ? this.length : 0;
    this.block = { buffer: new ArrayBuffer(this.length * type.BYTES_PER_ELEMENT), offset: 0 };
    this.view = new type(this.block.buffer, 0, this.length);
    if (this.outlives) this.view.set(view);
  }

  private replace(length: number, keeps: boolean): void {
    const { type, memory, block } = this;
    const size = this.length * type.BYTES_PER_ELEMENT;
    // May move this room, too: its view is read afterwards.
    const next = memory.allocate(length * type.BYTES_PER_ELEMENT, this);
    const view = new type(next.buffer, next.offset, length);
    if (keeps) view.set(this.view);
    this.view = view;
    this.length = length;
    this.block = next;
    memory.release(block, size);
  }
}

/** Double precision. */
export function reals(memory: Memory, length = 0): Room<Float64Array> {
  return new Room<Float64Array>(memory, Float64Array, length);
}

/** Single precision. */
export function floats(memory: Memory, length = 0, outlives = false): Room<Float32Array> {
  return new Room<Float32Array>(memory, Float32Array, length, outlives);
}

/** Integers. */
export function ints(memory: Memory, length = 0): Room<Int32Array> {
  return new Room<Int32Array>(memory, Int32Array, length);
}

/** Zeros and ones. */
export function bytes(memory: Memory, length = 0): Room<Uint8Array> {
  return new Room<Uint8Array>(memory, Uint8Array, length);
}
