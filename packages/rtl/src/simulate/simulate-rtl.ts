import { type Codes, type GraphNode, sizeOf } from '@sp/quant';
import type { DenseValue, ListValue, Value } from '@sp/quant/internal';
import { RtlError } from '../errors.ts';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import { flatten } from './flatten.ts';
import { Machine } from './machine.ts';
import { batchOf, type CodeInputs, drive } from './stimulus.ts';

/** Options of `simulateRtl`. */
export interface SimulateOptions {
  /** Idle clocks before each image beyond the interval, in turn. Default none. */
  readonly gaps?: readonly number[];
  /** Look into every node, not only the outputs. Default true. */
  readonly taps?: boolean;
}

/** What the hardware did. */
export interface RtlSimulation {
  /** Values of the outputs, read from the output ports when `valid` was set. */
  readonly outputs: ReadonlyMap<string, Value>;
  /** Values of all nodes, read inside the hardware in the planned stages; with `taps`. */
  readonly values: ReadonlyMap<string, Value>;
  /** Clocks from `go` to `valid`, of every image. */
  readonly latencies: readonly number[];
  /** Clocks between the results of neighbouring images. */
  readonly intervals: readonly number[];
  /** Clocks simulated. */
  readonly clocks: number;
}

/**
 * Runs images through the hardware, clock by clock.
 *
 * Registers without reset start with ones, and input ports hold ones whenever no image asks for them, so that nothing depends on zeros that
 * hardware would not have.
 *
 * @throws RtlError for missing data, or when the hardware's results do not come
 */
export function simulateRtl(plan: RtlPlan, inputs: CodeInputs, options: SimulateOptions = {}): RtlSimulation {
  const { gaps = [0], taps = true } = options;
  const { design, graph, latency } = plan;
  const { interval } = plan.options;
  const top = design.modules[design.modules.length - 1];
  const flat = flatten(design);
  const machine = new Machine(flat);
  machine.fill(flat);
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const batch = batchOf(plan, inputs);
  const feeds = [...top.inputs, { name: 'go', cell: top.go! }].map(({ name, cell }) => ({
    name,
    slot: flat.top[cell],
  }));
  const outSlots = new Map(top.outputs.map(({ name, cell }) => [name, flat.top[cell]]));
  const valid = outSlots.get('valid')!;

  const starts: number[] = [];
  // One clock of reset, which is what the hardware asks for.
  for (let image = 0, clock = 1; image < batch; image++, clock += interval) {
    clock += image === 0 ? 0 : gaps[(image - 1) % gaps.length];
    starts.push(clock);
  }
  const recorders = taps ? plan.nodes.map((node) => recorder(nodes.get(node.name)!, batch)) : [];
  const schedule = new Map<number, (() => void)[]>();
  const at = (clock: number, task: () => void): void => {
    const tasks = schedule.get(clock);
    if (tasks === undefined) schedule.set(clock, [task]);
    else tasks.push(task);
  };
  if (taps) {
    for (const [n, { taps: places }] of plan.nodes.entries()) {
      const byStage = new Map<number, number[]>();
      places.forEach(({ stage, constant }, j) => {
        if (constant !== undefined) for (let b = 0; b < batch; b++) recorders[n].set(b, j, constant);
        else byStage.set(stage, [...(byStage.get(stage) ?? []), j]);
      });
      for (const [stage, list] of byStage) {
        for (let b = 0; b < batch; b++) {
          at(starts[b] + stage, () => {
            for (const j of list) recorders[n].set(b, j, machine.get(flat.top[places[j].cell]));
          });
        }
      }
    }
  }
  const outputs = plan.outputs.map(({ name }) => recorder(nodes.get(name)!, batch));
  const finished: number[] = [];
  // What no output needs may come later than the outputs.
  const deepest = Math.max(latency, ...plan.nodes.map((node) => node.stages[1]));
  const end = (starts[batch - 1] ?? 0) + deepest + 4 * interval + 4;
  for (let clock = 0; clock < end; clock++) {
    const image = starts.findLastIndex((start) => start <= clock);
    const phase = image < 0 ? -1 : clock - starts[image];
    const words = drive(plan, inputs, image, phase);
    for (const { name, slot } of feeds) machine.set(slot, words.get(name)!);
    machine.settle();
    for (const task of schedule.get(clock) ?? []) task();
    if (machine.get(valid) === 1n) {
      const b = finished.push(clock) - 1;
      if (b < batch) {
        for (const [o, { ports }] of plan.outputs.entries()) {
          ports.forEach((port, j) => {
            outputs[o].set(b, j, typeof port === 'string' ? machine.get(outSlots.get(port)!) : port);
          });
        }
      }
    }
    machine.tick();
  }
  if (finished.length !== batch) {
    throw new RtlError(`the hardware gave ${finished.length} results for ${batch} images`);
  }
  return {
    outputs: new Map(plan.outputs.map(({ name }, o) => [name, outputs[o].value()])),
    values: new Map(recorders.map((one, n) => [plan.nodes[n].name, one.value()])),
    latencies: finished.map((clock, b) => clock - starts[b]),
    intervals: finished.slice(1).map((clock, b) => clock - finished[b]),
    clocks: end,
  };
}

/** Collects the numbers of a node's value in the order of its signals. */
function recorder(node: GraphNode, batch: number): { set(b: number, j: number, x: bigint): void; value(): Value } {
  const wide = node.format.i.some((i, j) => i + node.format.f[j] > 52);
  const codesOf = (length: number): Codes => (wide ? new Array<bigint>(length).fill(0n) : new Float64Array(length));
  const store = (codes: Codes, at: number, x: bigint): void => {
    if (codes instanceof Float64Array) codes[at] = Number(x);
    else codes[at] = x;
  };
  if (node.slots === undefined) {
    const size = sizeOf(node.shape);
    const codes = codesOf(batch * size);
    return {
      set: (b, j, x) => store(codes, b * size + j, x),
      value: (): DenseValue => ({ kind: 'dense', batch, shape: node.shape, codes }),
    };
  }
  const { slots } = node;
  const channels = node.shape[2];
  const size = 3 + channels;
  const codes = codesOf(batch * slots * channels);
  const valid = new Uint8Array(batch * slots);
  const rows = new Int32Array(batch * slots);
  const cols = new Int32Array(batch * slots);
  return {
    set(b, j, x) {
      const slot = b * slots + Math.floor(j / size);
      const part = j % size;
      if (part < 3) [valid, rows, cols][part][slot] = Number(x);
      else store(codes, slot * channels + part - 3, x);
    },
    value: (): ListValue => ({ kind: 'list', batch, slots, shape: node.shape, valid, rows, cols, codes }),
  };
}
