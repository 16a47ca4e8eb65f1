import type { EngineBackend } from '../engine-backend.ts';
import type { Kernels } from '../kernels/kernels.ts';

/** Kinds of numbers that kernels know. */
export type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

/** A piece of memory. */
export interface Block {
  readonly buffer: ArrayBufferLike;
  readonly offset: number;
}

/** An array in a memory. */
export interface Resident {
  readonly view: Numbers;
  /** Called when the numbers have come to lie in another buffer, at the same place in it unless told. */
  move(place: { readonly buffer: ArrayBufferLike; readonly offset?: number }): void;
  /** Called when the memory has ended: gives the numbers up, or takes them along where they outlive it. */
  close(): void;
}

/** Where an engine's numbers live, and what computes on them. */
export interface Memory {
  /** One object for ever; what is in it may change with `state`. */
  readonly kernels: Kernels;
  /** Other threads that see the same memory; empty if this one computes alone. One array for ever, that may get shorter. */
  readonly threads: readonly KernelThread[];
  /** What changes when a memory cannot go on as it is. */
  readonly state: MemoryState;
  /** Bytes, all 0, for an array. @throws TrainingError when there is not enough memory */
  allocate(bytes: number, resident: Resident): Block;
  /** Takes bytes back. */
  release(block: Block, bytes: number): void;
  /** Goes on without a thread that did not finish. All arrays move out of the reach of a silent one. */
  drop(thread: KernelThread, end: Exclude<ThreadEnd, 'done'>): void;
  /** Ends the threads and gives the memory back; nothing computes on it any more. */
  dispose(): void;
}

/** What computes now. */
export interface MemoryState {
  readonly backend: EngineBackend['name'];
  /** How often arrays have moved so that calls noted before are void. */
  readonly moves: number;
}

/** How the work of a thread ended. `failed`: it said so, and works no more. `silent`: it gives no sign of life, but may. */
export type ThreadEnd = 'done' | 'failed' | 'silent';

/** A thread that runs calls of kernels. */
export interface KernelThread {
  /** Notes a call instead of making it. Arrays must not move before `finish` returns. */
  readonly record: Kernels;
  /** Starts to make the calls that were noted. */
  start(): void;
  /** Waits until they are made, or never will be, and forgets them. */
  finish(): ThreadEnd;
  /** Forgets the calls that were noted. */
  forget(): void;
  /** Ends the thread. */
  end(): void;
}

/** A backend as the engine sees it: makes memories, one per engine. */
export interface MemoryBackend extends EngineBackend {
  createMemory(): Memory;
}
