import type { Numbers } from './memory.ts';
import type { Room } from './room.ts';

/** A list of numbers that grows as they are appended; memory is only taken, never given back. */
export class Growable<View extends Numbers> {
  length = 0;
  private readonly room: Room<View>;

  constructor(room: Room<View>) {
    this.room = room;
  }

  get view(): View {
    return this.room.view;
  }

  push(value: number): void {
    if (this.length === this.room.view.length) this.room.extend(Math.max(64, 2 * this.length));
    this.room.view[this.length++] = value;
  }

  /** Makes room for so many more numbers, which others write; they count once `length` says so. */
  reserve(more: number): void {
    this.room.extend(this.length + more);
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.length * this.room.view.BYTES_PER_ELEMENT;
  }
}
