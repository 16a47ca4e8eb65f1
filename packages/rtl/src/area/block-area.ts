/** The area of a module in bits: which of them are wanted, what yosys is given to map, and what its answer takes with all the rest. */
import type { RtlModule } from '../hdl/cell.ts';
import type { CachedArea } from './area-cache.ts';
import type { Chain, Flop, GateBlock } from './gate-block.ts';
import { type Bit, LOW } from './gates.ts';
import { isLogic, type MappedKind, type Part } from './logic-parts.ts';
import { dspsOf } from './resources.ts';

/** Shortest chain of registers that is a shift register, and longest that is one LUT. */
const [SHORTEST, LONGEST] = [3, 32];

/** A block with all that nobody wants taken away. */
export interface WantedBlock {
  readonly block: GateBlock;
  readonly flops: readonly Flop[];
  readonly chains: readonly Chain[];
  /** Gates whose bits leave the logic: to registers, carry chains, products and the outside. */
  readonly roots: readonly Bit[];
  /** Wanted gates in the order in which they were made, so inputs first. */
  readonly inner: readonly Bit[];
  /** How many read each bit. */
  readonly readers: ReadonlyMap<Bit, number>;
}

/** What of a block anybody wants. */
export function wantedBlock(block: GateBlock): WantedBlock {
  const { gates, chains, flops, products, wanted } = block;
  const flopOf = new Map(flops.map((flop) => [flop.q, flop]));
  const chainOf = new Map<Bit, Chain>();
  for (const chain of chains) for (const bit of outsOf(chain)) chainOf.set(bit, chain);
  const productOf = new Map(products.flatMap((product) => product.outs.map((bit) => [bit, product] as const)));
  const readers = new Map<Bit, number>();
  const open: Bit[] = [];
  const read = (bit: Bit): void => {
    const count = readers.get(bit) ?? 0;
    readers.set(bit, count + 1);
    if (count === 0) open.push(bit);
  };
  const roots = new Set<Bit>();
  const root = (bit: Bit): void => {
    read(bit);
    if (isLogic(bit, gates)) roots.add(bit);
  };
  const done = new Set<object>();
  for (const bit of wanted) root(bit);
  while (open.length > 0) {
    const bit = open.pop() as Bit;
    for (const input of gates.list[bit].ins) read(input);
    const source = flopOf.get(bit) ?? chainOf.get(bit) ?? productOf.get(bit);
    if (source === undefined || done.has(source)) continue;
    done.add(source);
    if ('d' in source) for (const input of [source.d, source.enable, source.clear]) root(input);
    else if ('take' in source) for (const input of [...source.take, ...source.other]) root(input);
    else for (const input of source.ins) root(input);
  }
  const inner = [...readers.keys()].filter((bit) => isLogic(bit, gates)).sort((a, b) => a - b);
  return {
    block,
    flops: flops.filter((flop) => done.has(flop)),
    chains: chains.filter((chain) => done.has(chain)),
    roots: [...roots],
    inner,
    readers,
  };
}

function outsOf({ sums, carry }: Chain): Bit[] {
  return [...sums, carry].filter((bit) => bit !== undefined);
}

/** What a mapped block takes, and its LUT levels. */
export function blockArea(
  wanted: WantedBlock,
  parts: readonly Part[],
  mapped: readonly MappedKind[],
  module: RtlModule,
  dsp: boolean,
): CachedArea {
  return {
    area: {
      lut: parts.reduce((sum, { kind }) => sum + mapped[kind].luts.length, 0),
      ...registersOf(wanted),
      carry: Math.ceil(wanted.chains.reduce((sum, { take }) => sum + Math.ceil(take.length / 4), 0) / 2),
      dsp: dsp ? dspsOf(module) : 0,
      bram: 0,
    },
    levels: levelsOf(wanted, parts, mapped),
  };
}

/** Registers of one bit; chains of them that nothing looks into are shift registers. */
function registersOf({ flops, readers }: WantedBlock): { ff: number; srl: number } {
  const after = new Map<Bit, Flop>();
  for (const flop of flops) {
    if (flop.clear === LOW && readers.get(flop.d) === 1) after.set(flop.d, flop);
  }
  const next = ({ q, enable, clear }: Flop): Flop | undefined => {
    const one = after.get(q);
    return clear === LOW && one?.enable === enable ? one : undefined;
  };
  const inside = new Set(flops.map(next));
  let [ff, srl] = [0, 0];
  for (const flop of flops) {
    if (inside.has(flop)) continue;
    let length = 1;
    for (let at = next(flop); at !== undefined; at = next(at)) length++;
    if (length >= SHORTEST) srl += Math.ceil(length / LONGEST);
    else ff += length;
  }
  return { ff, srl };
}

/**
 * Most LUT levels between two registers, with what comes in as late as the plan says. LUTs take a level; carry chains, whose adders have a LUT in front of each,
 * none.
 */
function levelsOf(
  { block, flops, chains }: WantedBlock,
  parts: readonly Part[],
  mapped: readonly MappedKind[],
): number {
  const known = new Map<Bit, number>(block.arrivals);
  const resultOf = new Map(
    parts.flatMap((part) => {
      const levels: (number | undefined)[] = [];
      return part.results.map((bit, j) => [bit, { part, levels, place: mapped[part.kind].results[j] }] as const);
    }),
  );
  const chainOf = new Map(chains.flatMap((chain) => outsOf(chain).map((bit) => [bit, chain] as const)));
  const at = (bit: Bit): number => {
    const level = known.get(bit);
    if (level !== undefined) return level;
    const result = resultOf.get(bit);
    const chain = chainOf.get(bit);
    if (result !== undefined) known.set(bit, throughLuts(result.part, result.levels, result.place));
    else if (chain !== undefined) throughChain(chain, bit);
    return known.get(bit) ?? 0;
  };
  // A result of a part may come late because another of its results leads there through a chain: each is looked at by itself.
  const throughLuts = (part: Part, levels: (number | undefined)[], place: number): number => {
    const { leaves, kind } = part;
    if (place < 0) return 0;
    if (place < leaves.length) return at(leaves[place]);
    const found = levels[place];
    if (found !== undefined) return found;
    const ins = mapped[kind].luts[place - leaves.length];
    const level = 1 + ins.reduce((most, input) => Math.max(most, throughLuts(part, levels, input)), 0);
    levels[place] = level;
    return level;
  };
  const throughChain = ({ take, other, sums, carry }: Chain, wanted: Bit): void => {
    let latest = 0;
    for (const [j, bit] of take.entries()) {
      latest = Math.max(latest, at(bit));
      if (sums[j] !== undefined) known.set(sums[j], latest);
      if (sums[j] === wanted) return;
      latest = Math.max(latest, at(other[j]));
    }
    if (carry !== undefined) known.set(carry, latest);
  };
  const ends = [...block.wanted, ...flops.flatMap(({ d, enable, clear }) => [d, enable, clear])];
  for (const { ins } of block.products) ends.push(...ins);
  return ends.reduce((most, bit) => Math.max(most, at(bit)), 0);
}
