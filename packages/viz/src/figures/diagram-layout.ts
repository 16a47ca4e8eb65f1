/**
 * Places the nodes of a network: one rank per step of the longest path, ranks from top to bottom, and, when there are
 * many, in several strips side by side. Edges leave a box at its lower edge and enter at the upper edge; those that skip
 * ranks or change strips run through the gutter to the right of a strip.
 */

/** What placing needs to know of a node. */
export interface LayoutNode {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly layer?: string | undefined;
}

/** Sizes in px. */
export interface LayoutSizes {
  readonly boxWidth: number;
  readonly boxHeight: number;
  /** Ranks per strip at most. */
  readonly ranks: number;
}

/** Upper left corner of a node's box. */
export interface PlacedNode {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** A frame around neighbouring nodes of one layer. */
export interface PlacedGroup {
  readonly layer: string;
  readonly x: number;
  readonly y: number;
  readonly x2: number;
  readonly y2: number;
}

/** The corners of a connection, from source to target. */
export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly points: readonly (readonly [number, number])[];
}

/** Everything in px from the upper left corner. */
export interface DiagramLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly groups: readonly PlacedGroup[];
  readonly edges: readonly PlacedEdge[];
}

/** Distance between connections that run above each other. */
const roofGap = 7;
const rankGap = 30;
const laneGap = 28;
/** Distance between connections that run beside each other. */
const trackGap = 14;
const frame = 9;
const header = 22;

/** Longest distance of each node from an input. Inputs of a node must come earlier in the list. */
export function ranksOf(nodes: readonly LayoutNode[]): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const { name, inputs } of nodes) {
    ranks.set(name, Math.max(-1, ...inputs.map((input) => ranks.get(input) ?? -1)) + 1);
  }
  return ranks;
}

interface Slot {
  readonly node: LayoutNode;
  readonly rank: number;
  readonly lane: number;
  readonly strip: number;
}

/** Computes places. Pure: equal nodes and sizes give equal layouts. */
export function layoutDiagram(nodes: readonly LayoutNode[], sizes: LayoutSizes): DiagramLayout {
  const ranks = ranksOf(nodes);
  const rankCount = Math.max(...ranks.values()) + 1;
  const strips = Math.ceil(rankCount / sizes.ranks);
  const perStrip = Math.ceil(rankCount / strips);
  const lanes = new Array<number>(rankCount).fill(0);
  const slots = nodes.map((node): Slot => {
    const rank = ranks.get(node.name) ?? 0;
    return { node, rank, lane: lanes[rank]++, strip: Math.floor(rank / perStrip) };
  });
  const byName = new Map(slots.map((slot) => [slot.node.name, slot]));
  const startsGroup = (slot: Slot): boolean => {
    if (slot.node.layer === undefined) return false;
    const above = slots.find(
      (other) => other.rank === slot.rank - 1 && other.lane === slot.lane && other.strip === slot.strip,
    );
    return above?.node.layer !== slot.node.layer;
  };

  /** Connections that pass over whole strips, each at its own height above them. */
  const roofs = new Map<string, number>();
  for (const target of slots) {
    for (const input of target.node.inputs) {
      const source = byName.get(input);
      if (source !== undefined && target.strip > source.strip + 1)
        roofs.set(edgeKey(input, target.node.name), roofs.size);
    }
  }

  const top: number[] = [];
  let height = 0;
  for (let rank = 0, y = 0; rank < rankCount; rank++) {
    const first = rank % perStrip === 0;
    if (first) y = frame + roofs.size * roofGap;
    const heading = slots.some((slot) => slot.rank === rank && startsGroup(slot));
    y += (first ? rankGap / 2 : rankGap) + (heading ? header : 0);
    top[rank] = y;
    y += sizes.boxHeight;
    height = Math.max(height, y + frame + rankGap / 2);
  }
  const tracks = tracksOf(slots, byName, strips);
  const left: number[] = [];
  /** Where the connections beside a strip may run, from left to right. */
  const gutters: number[] = [];
  let width = frame;
  for (let strip = 0; strip < strips; strip++) {
    left[strip] = width;
    const most = Math.max(...lanes.slice(strip * perStrip, (strip + 1) * perStrip));
    width += most * sizes.boxWidth + (most - 1) * laneGap + frame;
    gutters[strip] = width + trackGap;
    width += (tracks.count[strip] + 1) * trackGap + frame;
  }
  if (tracks.count[strips - 1] === 0) width -= trackGap + frame;

  const corner = (slot: Slot): readonly [number, number] => [
    left[slot.strip] + slot.lane * (sizes.boxWidth + laneGap),
    top[slot.rank],
  ];
  const placed = slots.map((slot) => ({ name: slot.node.name, x: corner(slot)[0], y: corner(slot)[1] }));

  const groups: PlacedGroup[] = [];
  for (const slot of slots) {
    if (!startsGroup(slot)) continue;
    const members = [slot];
    for (;;) {
      const last = members[members.length - 1];
      const next = slots.find(
        (other) => other.rank === last.rank + 1 && other.lane === last.lane && other.strip === last.strip,
      );
      if (next?.node.layer !== slot.node.layer || next === undefined) break;
      members.push(next);
    }
    const [x, y] = corner(slot);
    groups.push({
      layer: slot.node.layer ?? '',
      x: x - frame,
      y: y - header - 3,
      x2: x + sizes.boxWidth + frame,
      y2: corner(members[members.length - 1])[1] + sizes.boxHeight + frame,
    });
  }

  const above = (slot: Slot): number => top[slot.rank] - (startsGroup(slot) ? header : 0) - rankGap / 2 + 4;
  const edges = slots.flatMap((target) =>
    target.node.inputs.flatMap((input, index): PlacedEdge[] => {
      const source = byName.get(input);
      if (source === undefined) return [];
      const direct = isDirect(source, target);
      const inputs = target.node.inputs.length;
      const spread = Math.min(26, (sizes.boxWidth - 40) / inputs);
      const endX = corner(target)[0] + sizes.boxWidth / 2 + (index - (inputs - 1) / 2) * spread;
      // Beside the connection to the next rank, where there is one.
      const lastOfStrip = source.rank % perStrip === perStrip - 1;
      const startX = corner(source)[0] + sizes.boxWidth / 2 + (direct || lastOfStrip ? 0 : 34);
      const startY = top[source.rank] + sizes.boxHeight;
      const turn = above(target);
      const track = tracks.of.get(edgeKey(input, target.node.name)) ?? 0;
      const side = gutters[source.strip] + track * trackGap;
      const before = gutters[Math.max(source.strip, target.strip - 1)] + track * trackGap;
      const exit = startY + frame + (source.strip === target.strip ? 5 : 8);
      const roof = 2 + (roofs.get(edgeKey(input, target.node.name)) ?? 0) * roofGap;
      const over: (readonly [number, number])[] =
        target.strip > source.strip + 1
          ? [
              [side, roof],
              [before, roof],
            ]
          : [];
      const way: readonly (readonly [number, number])[] = direct
        ? [[startX, turn]]
        : [[startX, exit], [side, exit], ...over, [before, turn]];
      const points = [[startX, startY], ...way, [endX, turn], [endX, top[target.rank]]] as const;
      return [{ from: input, to: target.node.name, points: points.filter(turns) as PlacedEdge['points'] }];
    }),
  );
  return { width, height, nodes: placed, groups, edges };
}

/** False for a point equal to the one before it. */
function turns(point: readonly number[], index: number, all: readonly (readonly number[])[]): boolean {
  const last = all[index - 1];
  return last === undefined || last[0] !== point[0] || last[1] !== point[1];
}

function isDirect(source: Slot, target: Slot): boolean {
  return source.strip === target.strip && target.rank === source.rank + 1;
}

function edgeKey(from: string, to: string): string {
  return `${from}\n${to}`;
}

/** Gives connections beside a strip their own track where they would run over each other. */
function tracksOf(
  slots: readonly Slot[],
  byName: ReadonlyMap<string, Slot>,
  strips: number,
): { readonly of: ReadonlyMap<string, number>; readonly count: readonly number[] } {
  const of = new Map<string, number>();
  const count = new Array<number>(strips).fill(0);
  const busy = new Map<number, (readonly [number, number])[][]>();
  for (const target of slots) {
    for (const input of target.node.inputs) {
      const source = byName.get(input);
      if (source === undefined || isDirect(source, target)) continue;
      // A connection to another strip occupies the gutter over its whole height.
      const span: readonly [number, number] =
        source.strip === target.strip
          ? [source.rank, target.rank]
          : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      const taken = [source.strip, Math.max(source.strip, target.strip - 1)].map((strip) => {
        const lists = busy.get(strip) ?? [];
        busy.set(strip, lists);
        return lists;
      });
      let track = 0;
      while (taken.some((lists) => (lists[track] ?? []).some(([low, high]) => span[0] < high && low < span[1])))
        track++;
      for (const lists of new Set(taken)) {
        lists[track] ??= [];
        lists[track].push(span);
      }
      for (const strip of [source.strip, Math.max(source.strip, target.strip - 1)]) {
        count[strip] = Math.max(count[strip], track + 1);
      }
      of.set(edgeKey(input, target.node.name), track);
    }
  }
  return { of, count };
}
