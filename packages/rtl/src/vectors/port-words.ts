/** Images and their results as the words that cross the ports of a design. */
import { interpret } from '@sp/quant';
import type { Value } from '@sp/quant/internal';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import type { TestImages } from './test-images.ts';

/** A port and its place in the word of all ports of its direction. */
export interface PortSlice {
  readonly port: string;
  readonly offset: number;
  readonly width: number;
}

/** The words of some images, the first port in the lowest bits. */
export interface PortWords {
  /** Clocks that an image takes at the inputs. */
  readonly phases: number;
  readonly batch: number;
  readonly inputs: readonly PortSlice[];
  readonly outputs: readonly PortSlice[];
  /** Bits of a word, at least 1. */
  readonly inBits: number;
  readonly outBits: number;
  /** One word per clock that an image takes, in hexadecimal. */
  readonly stimulus: readonly string[];
  /** One word per image: what the interpreter says. */
  readonly expected: readonly string[];
}

/** Bits of the words at the ports of a design, and where each port is in them. */
export function portSlices(plan: RtlPlan): Pick<PortWords, 'phases' | 'inputs' | 'outputs' | 'inBits' | 'outBits'> {
  const slices = (ports: readonly { port: string; width: number }[]): PortSlice[] => {
    let offset = 0;
    return ports.map(({ port, width }) => {
      offset += width;
      return { port, offset: offset - width, width };
    });
  };
  const bits = (list: readonly PortSlice[]): number =>
    Math.max(
      1,
      list.reduce((sum, { width }) => sum + width, 0),
    );
  const inputs = slices(plan.inputs.map(({ name, width }) => ({ port: name, width })));
  const outputs = slices(resultPorts(plan));
  const phases = Math.max(1, ...plan.inputs.flatMap(({ fields }) => fields.map(({ elements }) => elements.length)));
  return { phases, inputs, outputs, inBits: bits(inputs), outBits: bits(outputs) };
}

/** The words of some images. Expected results come from the interpreter. */
export function portWords(plan: RtlPlan, images: TestImages): PortWords {
  const slices = portSlices(plan);
  const { outputs } = interpret(plan.source, images, { inputs: 'codes' });
  const batch = Object.values(outputs)[0].batch;
  const results = resultPorts(plan);
  const expected = Array.from({ length: batch }, (_, b) => {
    const word = results.reduce(
      (sum, { output, index, width }, j) =>
        sum | (BigInt.asUintN(width, numberAt(outputs[output], b, index)) << BigInt(slices.outputs[j].offset)),
      0n,
    );
    return hex(word, slices.outBits);
  });
  return { ...slices, batch, expected, stimulus: stimulusWords(plan, images, batch, slices.phases, slices.inBits) };
}

/** Output ports in the order of the result word, and which number each is. */
function resultPorts({ outputs, design }: RtlPlan): { output: string; index: number; port: string; width: number }[] {
  const { cells, outputs: ports } = design.modules[design.modules.length - 1];
  return outputs.flatMap(({ name, ports: own }) =>
    own.flatMap((port, index) => {
      if (typeof port !== 'string') return [];
      return [{ output: name, index, port, width: cells[ports.find((other) => other.name === port)!.cell].width }];
    }),
  );
}

/** Number `index` of a value: element; or valid, row, column, codes of the slots in turn. */
function numberAt(value: Value, b: number, index: number): bigint {
  if (value.kind === 'dense') return BigInt(value.codes[b * (value.codes.length / value.batch) + index]);
  const channels = value.shape[2];
  const slot = b * value.slots + Math.floor(index / (3 + channels));
  const part = index % (3 + channels);
  const lists = [value.valid, value.rows, value.cols];
  return BigInt(part < 3 ? lists[part][slot] : value.codes[slot * channels + part - 3]);
}

function stimulusWords(
  { inputs, graph }: RtlPlan,
  images: TestImages,
  batch: number,
  phases: number,
  bits: number,
): string[] {
  const sizes = new Map(graph.nodes.map(({ name, shape }) => [name, shape.reduce((product, n) => product * n, 1)]));
  const words: string[] = [];
  for (let b = 0; b < batch; b++) {
    for (let phase = 0; phase < phases; phase++) {
      let word = 0n;
      let offset = 0n;
      for (const { input, width, fields } of inputs) {
        let bus = 0n;
        for (const field of fields) {
          const element = field.elements[phase] ?? -1;
          const code = element < 0 ? -1n : images[input][b * sizes.get(input)! + element];
          bus |= BigInt.asUintN(field.width, code) << BigInt(field.offset);
        }
        word |= bus << offset;
        offset += BigInt(width);
      }
      words.push(hex(word, bits));
    }
  }
  return words;
}

function hex(word: bigint, bits: number): string {
  return word.toString(16).padStart(Math.ceil(bits / 4), '0');
}
