import { sizeOf } from '@sp/quant';
import { RtlError } from '../errors.ts';
import type { RtlPlan } from '../plan/plan-rtl.ts';

/** Codes of the images of each input: batch-major, row-major. */
export type CodeInputs = Readonly<Record<string, ArrayLike<number> | readonly bigint[]>>;

/**
 * Words at the input ports of the top module, by name, `go` among them.
 *
 * @param phase clocks since the image's first part; below 0 for none. Ports hold ones whenever no image asks for them.
 */
export function drive(plan: RtlPlan, inputs: CodeInputs, image: number, phase: number): ReadonlyMap<string, bigint> {
  const words = new Map<string, bigint>([['go', phase === 0 ? 1n : 0n]]);
  for (const { name, input, fields } of plan.inputs) {
    const data = inputs[input];
    const size = sizeOf(plan.graph.nodes.find((node) => node.name === input)!.shape);
    let bus = 0n;
    for (const { offset, width, elements } of fields) {
      const element = elements[phase] ?? -1;
      const code = element < 0 ? -1n : BigInt(data[image * size + element]);
      bus |= BigInt.asUintN(width, code) << BigInt(offset);
    }
    words.set(name, bus);
  }
  return words;
}

/**
 * Number of images.
 *
 * @throws RtlError for missing data, or of another length
 */
export function batchOf({ graph }: RtlPlan, inputs: CodeInputs): number {
  let batch: number | undefined;
  for (const node of graph.nodes) {
    if (node.op !== 'input') continue;
    const data = inputs[node.name];
    if (data === undefined) throw new RtlError(`no data for input "${node.name}"; pass its codes by name`);
    const size = sizeOf(node.shape);
    const own = data.length / size;
    if (!Number.isInteger(own) || (batch ?? own) !== own) {
      throw new RtlError(
        `input "${node.name}" has ${data.length} codes; give ${size} per image, as many images as the other inputs`,
      );
    }
    batch = own;
  }
  return batch ?? 1;
}
