import { type FixedGraph, interpret } from '@sp/quant';
import type { InputData } from '@sp/quant/internal';
import type { TestImages } from './test-images.ts';

/**
 * Images as codes, brought to the formats of the inputs as the network does it: for testbenches.
 *
 * @param images real values by input name, or of the only input
 * @throws GraphError for images of another size
 */
export function imageCodes(graph: FixedGraph, images: InputData | Readonly<Record<string, InputData>>): TestImages {
  const names = graph.nodes.flatMap(({ op, name }) => (op === 'input' ? [name] : []));
  const { values } = interpret(graph, images, { taps: names });
  return Object.fromEntries(
    names.map((name) => [name, Array.from<number | bigint, bigint>(values.get(name)!.codes, BigInt)]),
  );
}
