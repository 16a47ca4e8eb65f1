/**
 * How long the FIFOs between the processes of a dataflow region have to be.
 *
 * Every process reads and writes its streams in an order that is known beforehand, packet by packet, so that the whole network can be run here with
 * packets that hold nothing. Whether it gets stuck does not depend on who runs when (Kahn 1974), so one run decides. All FIFOs start with 2 places; where all
 * processes wait, the shortest full FIFO among those that are written to gets one place more (Parks 1995), until the run ends.
 */

import { FirmwareError } from '../errors.ts';

/** Something that reads and writes streams, given by their numbers. */
export interface FlowProcess {
  /** Steps in order: `2c` reads stream c, `2c + 1` writes it. */
  steps(): Iterator<number>;
}

/** The step that reads a stream. */
export const readStep = (stream: number): number => 2 * stream;

/** The step that writes a stream. */
export const writeStep = (stream: number): number => 2 * stream + 1;

/**
 * Depths with which the processes run to their ends.
 *
 * @param least depths to start from, one per stream; Infinity for those that are never full
 * @returns depths, none below `least`
 */
export function fifoDepths(processes: readonly FlowProcess[], least: readonly number[]): number[] {
  const depths = [...least];
  const held = new Array<number>(least.length).fill(0);
  const users = least.map(() => [-1, -1]);
  const running = processes.map((process) => process.steps());
  const next = running.map((steps) => steps.next());
  const ready = processes.map((_, p) => p);

  const advance = (p: number): void => {
    for (;;) {
      const { done, value } = next[p];
      if (done === true) return;
      const stream = value >> 1;
      const writes = value & 1;
      users[stream][writes] = p;
      if (writes === 1 ? held[stream] >= depths[stream] : held[stream] === 0) return;
      held[stream] += writes === 1 ? 1 : -1;
      const other = users[stream][1 - writes];
      if (other >= 0 && other !== p) ready.push(other);
      next[p] = running[p].next();
    }
  };

  for (;;) {
    for (let p = ready.pop(); p !== undefined; p = ready.pop()) advance(p);
    let shortest = -1;
    let blocked = -1;
    for (let p = 0; p < processes.length; p++) {
      const { done, value } = next[p];
      if (done === true || (value & 1) === 0) continue;
      const stream = value >> 1;
      if (shortest < 0 || depths[stream] < depths[shortest]) [shortest, blocked] = [stream, p];
    }
    if (shortest < 0) {
      if (next.every(({ done }) => done === true)) return depths;
      throw new FirmwareError(
        'a process waits for a packet that no other sends: the streams of this plan do not fit; please report it',
      );
    }
    depths[shortest]++;
    ready.push(blocked);
  }
}

/** A process that hands every iteration of its loop on `late` iterations later, as a pipeline of that depth does that stops when a packet is missing. */
export function* pipelined(iterations: Iterable<readonly number[]>, late: number): Generator<number> {
  const waiting: number[][] = [];
  for (const steps of iterations) {
    for (const step of steps) if ((step & 1) === 0) yield step;
    waiting.push(steps.filter((step) => (step & 1) === 1));
    if (waiting.length > late) yield* waiting.shift() as number[];
  }
  for (const writes of waiting) yield* writes;
}
