import type { RtlModule } from './cell.ts';
import type { Signal } from './signal.ts';

/** A module with what its parent has to know. */
export interface Made {
  readonly module: RtlModule;
  /** Its outputs in its own time; constants are not ports. */
  readonly outputs: readonly Signal[];
}

/** Settings that all modules of a design share. */
export interface Timing {
  /** Clocks between two images. */
  readonly interval: number;
  /** LUT levels between two registers. */
  readonly levels: number;
}

/** The modules of a design, in the order in which they were finished: children before parents. */
export class Library {
  readonly timing: Timing;
  readonly #made = new Map<string, Made>();
  readonly #names = new Set<string>();
  readonly #modules: RtlModule[] = [];

  constructor(timing: Timing) {
    this.timing = timing;
  }

  get modules(): readonly RtlModule[] {
    return this.#modules;
  }

  /** The module that was made for a key, or the one that `make` makes under a free name like the wanted one. */
  obtain(key: string, wanted: string, make: (name: string) => Made): Made {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = make(this.#freeName(wanted));
    this.#made.set(key, made);
    this.#modules.push(made.module);
    return made;
  }

  #freeName(wanted: string): string {
    let name = wanted;
    for (let j = 2; this.#names.has(name.toLowerCase()); j++) name = `${wanted}_${j}`;
    this.#names.add(name.toLowerCase());
    return name;
  }
}
