/**
 * Runs a mapped design clock by clock, 32 streams of images at a time: bit l of a wire's word is the wire in stream l. Knows the cells of the device and nothing of the
 * words they came from.
 */
import { RtlError } from '../errors.ts';
import { type Gate, type GateDesign, HIGH, LOW } from './gate-design.ts';
import { isState } from './lut-levels.ts';

/** Streams in a word. */
export const STREAMS = 32;

export class GateMachine {
  readonly #v: Int32Array;
  readonly #settle: readonly (() => void)[];
  /** Each computes its register's next state and returns what puts it in place. */
  readonly #registers: readonly Register[];

  constructor({ wires, gates }: GateDesign) {
    this.#v = new Int32Array(wires);
    this.#v[HIGH] = -1;
    this.#settle = gates.filter(({ type }) => !isState(type)).map((gate) => this.#logic(gate));
    this.#registers = gates.filter(({ type }) => isState(type)).map((gate) => this.#register(gate));
    this.fill();
  }

  /** Sets every register, so that nothing depends on zeros that hardware would not have. */
  fill(): void {
    for (const { fill } of this.#registers) fill();
  }

  get(wire: number): number {
    return this.#v[wire];
  }

  set(wire: number, word: number): void {
    if (wire !== LOW && wire !== HIGH) this.#v[wire] = word;
  }

  settle(): void {
    for (const act of this.#settle) act();
  }

  /** A clock edge. */
  tick(): void {
    for (const { take } of this.#registers) take();
    for (const { show } of this.#registers) show();
  }

  #logic(gate: Gate): () => void {
    const v = this.#v;
    const { type, pins, parameters } = gate;
    if (type === 'INV') {
      const [[i], [o]] = [pins['I'], pins['O']];
      return () => {
        v[o] = ~v[i];
      };
    }
    const size = /^LUT([1-6])$/.exec(type)?.[1];
    if (size !== undefined) return lut(v, gate, Number(size));
    if (type === 'CARRY4') {
      const { CI, CYINIT, DI, S, O = [], CO = [] } = pins;
      return () => {
        let carry = v[CI[0]] | v[CYINIT[0]];
        for (let j = 0; j < 4; j++) {
          const s = v[S[j]];
          if (O[j] !== undefined) v[O[j]] = s ^ carry;
          carry = (s & carry) | (~s & v[DI[j]]);
          if (CO[j] !== undefined) v[CO[j]] = carry;
        }
      };
    }
    if (type === 'SP_DSP') {
      const { A, B, P } = pins;
      const number = (wires: readonly number[], stream: number): bigint => {
        let word = 0n;
        for (const [j, wire] of wires.entries()) if ((v[wire] >>> stream) & 1) word |= 1n << BigInt(j);
        return BigInt.asIntN(wires.length, word);
      };
      return () => {
        for (const wire of P) v[wire] = 0;
        for (let stream = 0; stream < STREAMS; stream++) {
          const product = number(A, stream) * number(B, stream);
          for (const [j, wire] of P.entries()) if ((product >> BigInt(j)) & 1n) v[wire] |= 1 << stream;
        }
      };
    }
    throw new RtlError(`internal: a mapped design has a cell of type ${type} ${JSON.stringify(parameters)}`);
  }

  #register({ type, pins }: Gate): Register {
    const v = this.#v;
    const one = (pin: string, absent: number): number => pins[pin]?.[0] ?? absent;
    const [d, ce, q] = [one('D', LOW), one('CE', HIGH), one('Q', -1)];
    if (!type.startsWith('SRL')) {
      const [reset, set] = [one('R', LOW), one('S', LOW)];
      let next = 0;
      return {
        fill: () => {
          v[q] = -1;
        },
        take: () => {
          const enable = v[ce];
          next = (((v[d] & enable) | (v[q] & ~enable)) & ~v[reset]) | v[set];
        },
        show: () => {
          v[q] = next;
        },
      };
    }
    const address = type === 'SRL16E' ? ['A0', 'A1', 'A2', 'A3'].map((pin) => pins[pin][0]) : pins['A'];
    if (address.some((wire) => wire !== LOW && wire !== HIGH)) {
      throw new RtlError('internal: a shift register of variable length');
    }
    const length = address.reduce((sum, wire, j) => sum + (wire === HIGH ? 2 ** j : 0), 0);
    const all = new Int32Array(type === 'SRL16E' ? 16 : 32);
    const last = one('Q31', -1);
    const show = (): void => {
      if (q >= 0) v[q] = all[length];
      if (last >= 0) v[last] = all[31];
    };
    return {
      fill: () => {
        all.fill(-1);
        show();
      },
      take: () => {
        const enable = v[ce];
        for (let j = all.length - 1; j > 0; j--) all[j] = (all[j - 1] & enable) | (all[j] & ~enable);
        all[0] = (v[d] & enable) | (all[0] & ~enable);
      },
      show,
    };
  }
}

interface Register {
  readonly fill: () => void;
  readonly take: () => void;
  readonly show: () => void;
}

/** A look-up table: the table is halved by one input after the other, the highest last. */
function lut(v: Int32Array, { pins, parameters }: Gate, size: number): () => void {
  const table = parameters['INIT'];
  const leaves = Int32Array.from({ length: 2 ** size }, (_, at) => ((table >> BigInt(at)) & 1n ? -1 : 0));
  const ins = Array.from({ length: size }, (_, j) => pins[`I${j}`][0]);
  const [out] = pins['O'];
  const work = new Int32Array(2 ** size);
  return () => {
    let from = leaves;
    for (let j = 0, count = leaves.length >> 1; count > 0; j++, count >>= 1) {
      const x = v[ins[j]];
      for (let at = 0; at < count; at++) work[at] = (from[2 * at + 1] & x) | (from[2 * at] & ~x);
      from = work;
    }
    v[out] = from[0];
  };
}
