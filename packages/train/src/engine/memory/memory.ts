import type { EngineBackend } from '../engine-backend.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { Room } from './room.ts';

/** A piece of memory. */
export interface Block {
  readonly buffer: ArrayBufferLike;
  readonly offset: number;
}

/** Where an engine's numbers live, and what computes on them. */
export interface Memory {
  readonly kernels: Kernels;
  /** Other threads that see the same memory; empty if this one computes alone. */
  readonly threads: readonly KernelThread[];
  /** Bytes, all 0, for `room`. */
  allocate(bytes: number, room: Room): Block;
  /** Takes bytes back. */
  release(block: Block, bytes: number): void;
  /** Ends the threads. */
  dispose(): void;
}

/** A thread that runs calls of kernels. */
export interface KernelThread {
  /** Notes a call instead of making it. Arrays must not move before `finish` returns. */
  readonly record: Kernels;
  /** Starts to make the calls that were noted. */
  start(): void;
  /** Waits until they are made, and forgets them. */
  finish(): void;
}

/** A backend as the engine sees it: makes memories, one per engine. */
export interface MemoryBackend extends EngineBackend {
  createMemory(): Memory;
}
