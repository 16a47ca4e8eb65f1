import { analyse, type FixedGraph, type GraphNode } from '@sp/quant';
import type { InputNode } from '@sp/quant/internal';
import type { BlockInput } from '../blocks/block.ts';
import { type InputPort, inputPorts } from '../blocks/input.ts';
import { buildBlock } from '../blocks/registry.ts';
import { type Signals, signalsOf } from '../blocks/value.ts';
import type { Design } from '../hdl/cell.ts';
import { identifier } from '../hdl/identifier.ts';
import { Library } from '../hdl/library.ts';
import { ModuleBuilder } from '../hdl/module-builder.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { checkOptions } from './check-options.ts';
import type { RtlOptions } from './options.ts';
import { rewritten } from './rewritten.ts';

/** Where a number of a node's value is: a cell of the top module, and the stage in which it holds the number; or a constant. */
export interface Tap {
  readonly cell: number;
  readonly stage: number;
  readonly constant?: bigint;
}

/** One node in hardware. */
export interface NodePlan {
  readonly name: string;
  readonly op: GraphNode['op'];
  /** First and last stage in which a part of its value is there. */
  readonly stages: readonly [first: number, last: number];
  /** The numbers of its value in the order of `signalsOf`: elements; or valid, row, column and codes of every slot. */
  readonly taps: readonly Tap[];
}

/** One output of the network. */
export interface OutputPlan {
  readonly name: string;
  /** Per number of its value the output port, or the constant that it always is. */
  readonly ports: readonly (string | bigint)[];
}

/** A network as hardware: what was decided, and every module of it. */
export interface RtlPlan {
  /** The network as it was given, and as it is built. */
  readonly source: FixedGraph;
  readonly graph: FixedGraph;
  readonly options: Required<RtlOptions>;
  /** Clocks from the first part of an image at the inputs to its results at the outputs. */
  readonly latency: number;
  readonly inputs: readonly InputPort[];
  readonly outputs: readonly OutputPlan[];
  readonly nodes: readonly NodePlan[];
  readonly design: Design;
}

/**
 * Decides the pipeline of a network and builds all of its hardware as plain data. Pure and deterministic.
 *
 * The schedule follows from a stated model of delay (`levelsPerStage` LUT levels between registers): every cell works as soon as its inputs
 * are there. Latency and interval are fixed; nothing ever waits.
 *
 * @throws RtlError for an illegal option or a node that has no hardware
 * @throws GraphError for a graph that is not valid
 * @example
 * const plan = planRtl(graph, { interval: 5, levelsPerStage: 5 });
 * console.log(plan.latency);
 */
export function planRtl(source: FixedGraph, options: RtlOptions = {}): RtlPlan {
  const settings = checkOptions(source, options);
  const graph = settings.simplify ? rewritten(source) : source;
  const inferred = analyse(graph);
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const library = new Library({ interval: settings.interval, levels: settings.levelsPerStage });
  const top = new ModuleBuilder(library);
  top.token(0);
  const values = new Map<string, Signals>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name): BlockInput => {
      return { node: nodes.get(name)!, inferred: inferred.get(name)!, signals: values.get(name)! };
    });
    const strategy = settings.layers[node.name] ?? {};
    values.set(node.name, buildBlock({ b: top, node, inferred: inferred.get(node.name)!, inputs, strategy }));
  }

  const results = graph.outputs.map((name) => ({ name, signals: signalsOf(values.get(name)!) }));
  const live = results.flatMap(({ signals }) => signals).filter((x) => !isConstant(x));
  const latency = Math.max(1, ...live.map((x) => top.holdable(x, 0)));
  const ports: { name: string; signal: Signal }[] = [];
  const outputs = results.map(({ name, signals }): OutputPlan => {
    const labels = labelsOf(values.get(name)!, name);
    return {
      name,
      ports: signals.map((x, j) => {
        if (isConstant(x)) return x.lo;
        const signal = top.hold(x, latency, 0);
        ports.push({ name: labels[j], signal });
        return labels[j];
      }),
    };
  });
  const valid = top.token(latency);
  const name = identifier(graph.name);
  const { module } = library.obtain('', name, (free) =>
    top.finish(
      free,
      [
        `${graph.name}: one image every ${settings.interval} clocks, results ${latency} clocks after its first part.`,
        `go is set in the clock in which the first part of an image is at the inputs; valid when its results are at the outputs.`,
      ],
      [valid, ...ports.map(({ signal }) => signal)],
      ['valid', ...ports.map((port) => port.name)],
    ),
  );
  // Names may have been made unique.
  const final = new Map(ports.map((port, j) => [port.name, module.outputs[j + 1].name]));
  return {
    source,
    graph,
    options: settings,
    latency,
    inputs: graph.nodes.flatMap((node) =>
      node.op === 'input'
        ? inputPorts({ node: node as InputNode, inferred: inferred.get(node.name)! }, settings.interval).map(
            (port) => ({
              ...port,
              name: identifier(port.name),
            }),
          )
        : [],
    ),
    outputs: outputs.map((output) => ({
      ...output,
      ports: output.ports.map((port) => (typeof port === 'string' ? final.get(port)! : port)),
    })),
    nodes: graph.nodes.map((node) => nodePlan(node, values.get(node.name)!)),
    design: { modules: library.modules },
  };
}

function nodePlan({ name, op }: GraphNode, value: Signals): NodePlan {
  const signals = signalsOf(value);
  const stages = signals.filter((x) => !isConstant(x)).map(({ stage }) => stage);
  return {
    name,
    op,
    stages: stages.length === 0 ? [0, 0] : [Math.min(...stages), Math.max(...stages)],
    taps: signals.map((x) => ({ cell: x.id, stage: x.stage, ...(isConstant(x) ? { constant: x.lo } : {}) })),
  };
}

/** Names of the ports of a value. */
function labelsOf(value: Signals, name: string): string[] {
  if (value.kind === 'dense') return value.elements.map((_, j) => `${identifier(name)}_${j}`);
  return value.slots.flatMap(({ codes }, s) =>
    ['valid', 'row', 'col', ...codes.map((_, c) => `code_${c}`)].map((part) => `${identifier(name)}_${s}_${part}`),
  );
}
