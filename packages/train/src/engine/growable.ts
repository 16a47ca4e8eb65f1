/** A typed array that grows as numbers are appended; memory is only taken, never given back. */
export class Growable<Data extends Int32Array | Float64Array> {
  data: Data;
  length = 0;
  private readonly make: (size: number) => Data;

  constructor(make: (size: number) => Data) {
    this.make = make;
    this.data = make(64);
  }

  push(value: number): void {
    if (this.length === this.data.length) {
      const larger = this.make(2 * this.data.length);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }
}

/** Whole numbers. */
export function growableInts(): Growable<Int32Array> {
  return new Growable((size) => new Int32Array(size));
}

/** Reals. */
export function growableReals(): Growable<Float64Array> {
  return new Growable((size) => new Float64Array(size));
}
