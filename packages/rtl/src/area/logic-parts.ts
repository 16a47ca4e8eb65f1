/**
 * The gates of a block in parts that share nothing but what they read. Many parts of such designs are alike (every bit of a word, every slot, every position), and
 * yosys maps each kind once.
 */
import { type Bit, type Gates, HIGH } from './gates.ts';

/** One kind of part: gates in order, each reading leaves (0 … `leaves` - 1) and earlier gates (from `leaves` on). */
export interface PartKind {
  readonly leaves: number;
  readonly gates: readonly { readonly kind: string; readonly ins: readonly number[] }[];
  /** Places of the results among leaves and gates. */
  readonly results: readonly number[];
}

/** One part: of which kind, and which bits its leaves and results are. */
export interface Part {
  readonly kind: number;
  readonly leaves: readonly Bit[];
  readonly results: readonly Bit[];
}

/** A LUT of a mapped kind, reading leaves and earlier LUTs. */
export type MappedKind = { readonly luts: readonly (readonly number[])[]; readonly results: readonly number[] };

/**
 * The parts of the logic behind some bits.
 *
 * @param inner the gates, inputs first
 * @param roots those whose bits leave the logic
 */
export function partsOf(
  { list }: Gates,
  inner: readonly Bit[],
  roots: readonly Bit[],
): { readonly kinds: readonly PartKind[]; readonly parts: readonly Part[] } {
  const isGate = (bit: Bit): boolean => list[bit].ins.length > 0;
  const parent = new Map<Bit, Bit>(inner.map((bit) => [bit, bit]));
  const find = (bit: Bit): Bit => {
    let at = bit;
    for (let up = parent.get(at)!; up !== at; up = parent.get(at)!) {
      parent.set(at, parent.get(up)!);
      at = up;
    }
    return at;
  };
  for (const bit of inner) {
    for (const input of list[bit].ins) if (isGate(input)) parent.set(find(input), find(bit));
  }
  const members = new Map<Bit, Bit[]>();
  for (const bit of [...roots].sort((a, b) => a - b)) {
    const part = members.get(find(bit));
    if (part === undefined) members.set(find(bit), [bit]);
    else part.push(bit);
  }
  const known = new Map<string, number>();
  const kinds: PartKind[] = [];
  const parts = [...members.values()].map((results): Part => {
    const order: Bit[] = [];
    const leaves: Bit[] = [];
    const places = new Map<Bit, number>();
    const open = [...results].reverse();
    while (open.length > 0) {
      const bit = open[open.length - 1];
      const missing = isGate(bit) ? list[bit].ins.filter((input) => !places.has(input)) : [];
      if (places.has(bit) || missing.length === 0) {
        open.pop();
        if (places.has(bit)) continue;
        // Leaves count down from -1 until their number is known.
        if (isGate(bit)) places.set(bit, order.push(bit) - 1);
        else places.set(bit, -leaves.push(bit));
      } else for (const input of missing.reverse()) open.push(input);
    }
    const place = (bit: Bit): number => {
      const at = places.get(bit)!;
      return at < 0 ? -1 - at : leaves.length + at;
    };
    const kind: PartKind = {
      leaves: leaves.length,
      gates: order.map((bit) => ({ kind: list[bit].kind, ins: list[bit].ins.map(place) })),
      results: results.map(place),
    };
    const key = JSON.stringify(kind);
    const number = known.get(key) ?? kinds.push(kind) - 1;
    known.set(key, number);
    return { kind: number, leaves, results };
  });
  return { kinds, parts };
}

/** Kinds of parts as one BLIF file of yosys' own gates. */
export function partsBlif(kinds: readonly PartKind[]): string {
  const name = (k: number, at: number): string => `k${k}_${at}`;
  const inputs = kinds.flatMap(({ leaves }, k) => Array.from({ length: leaves }, (_, j) => name(k, j)));
  const outputs = kinds.flatMap(({ results }, k) => results.map((at) => name(k, at)));
  const lines = ['.model logic', `.inputs ${inputs.join(' ')}`, `.outputs ${outputs.join(' ')}`];
  for (const [k, { leaves, gates }] of kinds.entries()) {
    for (const [j, { kind, ins }] of gates.entries()) {
      const [a, b, c] = ins.map((at) => name(k, at));
      const pins = kind === 'not' ? `A=${a}` : kind === 'mux' ? `A=${c} B=${b} S=${a}` : `A=${a} B=${b}`;
      lines.push(`.gate $_${kind.toUpperCase()}_ ${pins} Y=${name(k, leaves + j)}`);
    }
  }
  return `${lines.join('\n')}\n.end\n`;
}

/** What yosys made of each kind, from the BLIF that it wrote. Wires that are only another name stand there as tables of one input that pass it. */
export function mappedKinds(blif: string, kinds: readonly PartKind[]): MappedKind[] {
  const luts = new Map<string, readonly string[]>();
  const names = new Map<string, string>();
  for (const text of blif
    .replaceAll('\\\n', ' ')
    .split(/^\.names /m)
    .slice(1)) {
    const [head, ...rows] = text.split('\n');
    const ins = head.trim().split(/\s+/);
    const out = ins.pop() as string;
    if (ins.length === 1 && rows[0] === '1 1') names.set(out, ins[0]);
    else luts.set(out, ins);
  }
  const real = (name: string): string => {
    let at = name;
    for (let next = names.get(at); next !== undefined; next = names.get(at)) at = next;
    return at;
  };
  return kinds.map(({ leaves, results }, k): MappedKind => {
    const places = new Map<string, number>(Array.from({ length: leaves }, (_, j) => [`k${k}_${j}`, j]));
    const found: number[][] = [];
    const visit = (name: string): number => {
      const known = places.get(name);
      if (known !== undefined) return known;
      // Logic that turns out to be constant has no inputs.
      const ins = (luts.get(name) ?? []).map((input) => visit(real(input)));
      const at = ins.length === 0 ? -1 : leaves + found.push(ins) - 1;
      places.set(name, at);
      return at;
    };
    return { results: results.map((at) => visit(real(`k${k}_${at}`))), luts: found };
  });
}

/** Whether there is anything to map. */
export function isLogic(bit: Bit, { list }: Gates): boolean {
  return bit > HIGH && list[bit].ins.length > 0;
}
