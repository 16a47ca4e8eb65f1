import type * as quant from '@sp/quant';
import { type FixedGraph, interpret, saveGraph } from '@sp/quant';
import { sliceImages } from '@sp/train';
import { inTurns } from '../in-turns.ts';
import { digits, randomImages, sparseNetwork } from '../networks.ts';
import { packageOf } from '../other-clone.ts';
import { type BenchGroup, medianMilliseconds, type Report } from '../row.ts';

const images = 64;

/** The interpreter: cost follows the active pixels, not the image. */
export const interpreter: BenchGroup = {
  name: 'interpreter',
  about: 'images/s; the part behind `reduce` grows with the active pixels and not with the image',
  comparesClones: true,
  run: async (report, { against }) => {
    const { graph, test } = await digits();
    const batch = sliceImages(test, 0, images).images;
    const whole = await medianMilliseconds(() => interpret(graph, batch));
    report({ name: 'digits network, 28 × 28, n 24', value: (images / whole) * 1000, unit: 'images/s' });
    if (against !== undefined) await besides(report, against, graph, batch);
    for (const active of [10, 20, 50, 100, 200]) await sparsePart(report, 63, active);
    for (const side of [28, 56, 112, 224]) await sparsePart(report, side, 20);
  },
};

/** The same interpreted by another clone, and a network whose lists take most of the time. */
async function besides(report: Report, against: string, digitsGraph: FixedGraph, batch: Float32Array): Promise<void> {
  const other = await packageOf<typeof quant>(against, 'quant');
  const cases = [
    { name: 'digits network', graph: digitsGraph, data: batch },
    {
      name: 'two 7 × 7 convolutions, 63 × 63, 100 active',
      graph: sparseNetwork(63, 100),
      data: randomImages(images, 63, 100, 3),
    },
  ];
  for (const { name, graph, data } of cases) {
    const theirs = other.loadGraph(saveGraph(graph));
    const { ours, ratio } = await inTurns(
      [
        () => medianMilliseconds(() => interpret(graph, data), 0.3),
        () => medianMilliseconds(() => other.interpret(theirs, data), 0.3),
      ],
      9,
    );
    const note = `${ratio.toFixed(3)} × ${against}`;
    report({ name: `${name}, in turns`, value: (images / ours) * 1000, unit: 'images/s', note, more: { ratio } });
  }
}

/** Times the network with as many slots as active pixels, and separately what comes after the image was read and reduced. */
async function sparsePart(report: Report, side: number, active: number): Promise<void> {
  const graph = sparseNetwork(side, active);
  const data = randomImages(images, side, active, 3);
  const whole = await medianMilliseconds(() => interpret(graph, data), 0.3);
  const behind = listMilliseconds(graph, data);
  report({
    name: `two 7 × 7 convolutions, ${side} × ${side}, ${active} active`,
    value: (images / whole) * 1000,
    unit: 'images/s',
    note: `behind reduce ${((behind / images) * 1000).toFixed(2)} µs per image, ${((behind / images / active) * 1e6).toFixed(0)} ns per active pixel`,
  });
}

/** Milliseconds of the nodes that work on the list: the median over repeated batches. */
function listMilliseconds(graph: FixedGraph, data: Float32Array): number {
  const lists = graph.nodes.filter(({ op, slots }) => slots != null && op !== 'reduce').map(({ name }) => name);
  const times = Array.from({ length: 15 }, () => {
    const { milliseconds } = interpret(graph, data, { measureTime: true });
    return lists.reduce((sum, name) => sum + (milliseconds.get(name) ?? 0), 0);
  }).sort((a, b) => a - b);
  return times[times.length >> 1];
}
