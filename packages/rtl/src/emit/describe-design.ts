import { analyse } from '@sp/quant';
import type { FormatTable, Inferred } from '@sp/quant/internal';
import type { AxiShape } from '../axi/axi-shape.ts';
import { elementRanges } from '../blocks/block.ts';
import type { PortField } from '../blocks/input.ts';
import type { RtlPlan } from '../plan/plan-rtl.ts';

/** What a surrounding design has to know: `design.json`. */
export interface DesignDescription {
  readonly version: 1;
  readonly name: string;
  /** Clocks from `go` to `valid`, and at least between two `go`. */
  readonly latency: number;
  readonly interval: number;
  readonly levelsPerStage: number;
  readonly clockPeriod: number;
  readonly part: string;
  /** Clocks for which parts of an image follow each other, from the one with `go` on. */
  readonly phases: number;
  /** The inputs of the network, with the format of every element (`f` fraction bits: the real value of a code is `code · 2^-f`). */
  readonly tensors: readonly {
    readonly input: string;
    readonly shape: readonly number[];
    readonly format: FormatTable;
  }[];
  /** Ports: the bits of a port, and which elements of the tensor they are in the phases of an image (−1 for none). */
  readonly inputs: readonly {
    readonly port: string;
    readonly input: string;
    readonly width: number;
    readonly fields: readonly PortField[];
  }[];
  readonly outputs: readonly {
    readonly output: string;
    readonly shape: readonly number[];
    readonly slots?: number;
    /** The real value of a code is `code · 2^-f / divisor`. */
    readonly divisor: number;
    /** Per number of the value: port, bits, signedness, fraction bits; or the constant that it always is. */
    readonly numbers: readonly (
      | { readonly port: string; readonly width: number; readonly signed: boolean; readonly f: number }
      | { readonly constant: string; readonly f: number }
    )[];
  }[];
  readonly nodes: readonly { readonly name: string; readonly op: string; readonly stages: readonly [number, number] }[];
  /**
   * The stream wrapper: beats of an image, bits of `s_axis_tdata` and of a part in it, bits of `m_axis_tdata`. A beat holds the ports in
   * the order in which they are listed here, from the lowest bit on; a beat with all parts holds one part after the other.
   */
  readonly axi: {
    readonly module: string;
    readonly beats: number;
    readonly inWidth: number;
    readonly partWidth: number;
    readonly outWidth: number;
  };
  readonly modules: readonly string[];
}

/** The description of a design. */
export function describeDesign(
  { design, graph, options, latency, inputs, outputs, nodes }: RtlPlan,
  axi: AxiShape,
): DesignDescription {
  const top = design.modules[design.modules.length - 1];
  const ports = new Map(top.outputs.map(({ name, cell }) => [name, top.cells[cell]]));
  const { interval, levelsPerStage, clockPeriod, part } = options;
  const inferred = analyse(graph);
  return {
    version: 1,
    name: top.name,
    latency,
    interval,
    levelsPerStage,
    clockPeriod,
    part,
    phases: Math.max(1, ...inputs.flatMap(({ fields }) => fields.map(({ elements }) => elements.length))),
    tensors: graph.nodes.flatMap((node) =>
      node.op === 'input' ? [{ input: node.name, shape: node.shape, format: node.format }] : [],
    ),
    inputs: inputs.map(({ name, input, width, fields }) => ({ port: name, input, width, fields })),
    outputs: outputs.map(({ name, ports: own }) => {
      const node = graph.nodes.find((candidate) => candidate.name === name)!;
      const scales = scalesOf(inferred.get(name)!);
      return {
        output: name,
        shape: node.shape,
        ...(node.slots === undefined ? {} : { slots: node.slots }),
        divisor: node.divisor ?? 1,
        numbers: own.map((port, j) => {
          if (typeof port !== 'string') return { constant: `${port}`, f: scales[j] };
          const { width, signed } = ports.get(port)!;
          return { port, width, signed, f: scales[j] };
        }),
      };
    }),
    nodes: nodes.map(({ name, op, stages }) => ({ name, op, stages })),
    axi: { module: axi.name, beats: axi.beats, inWidth: axi.inWidth, partWidth: axi.partBits, outWidth: axi.outWidth },
    modules: design.modules.map(({ name }) => name),
  };
}

/** Fraction bits of the numbers of a value; valid bits and coordinates of a list have none. */
function scalesOf(inferred: Inferred): number[] {
  const scales = elementRanges(inferred).map(({ f }) => f);
  return inferred.slots === undefined
    ? scales
    : Array.from({ length: inferred.slots }, () => [0, 0, 0, ...scales]).flat();
}
