import { type Dataset, sliceImages } from '@sp/train';
import { report } from '@sp/viz';
import { partOf, planCosts, profileEntries } from './firmware-figures.ts';
import type { FinishedRun, Summary } from './summary.ts';

/** Test images whose values are profiled. */
const profiledImages = 50;

/** The whole run as one HTML page that needs no other file. */
export async function htmlReport(
  summary: Summary,
  { record, found, firmware }: FinishedRun,
  test: Dataset,
): Promise<string> {
  const { title, description, facts, bits, costs, findings, making } = summary;
  const { history, bestEpoch, warnings = [] } = record;
  const warned = warnings.map(({ when, message }) => ` Warning (${when}): ${message}`);
  const { n, threshold } = found;
  const { made, agreement, hardware } = firmware ?? {};
  return report({
    name: title,
    description: `${description}${warned.join('')}`,
    facts,
    activePixels: { rows: found.activePixels, n, threshold },
    examples: found.examples,
    history,
    bestEpoch,
    answers: found.answers,
    roc: found.roc,
    graph: made?.graph.nodes,
    layerOutputs: found.layerOutputs,
    tensors: found.bits,
    ebops: found.ebopsByLayer,
    profile:
      made && profileEntries(made.graph, sliceImages(test, 0, Math.min(profiledImages, test.labels.length)).images),
    verification: agreement?.layers.map((layer) => ({
      name: layer.layer,
      compared: layer.values,
      mismatches: {
        'tfjs ≠ interpreter': layer.tfjsVersusInterpreter,
        'interpreter ≠ compiled C++': layer.interpreterVersusCompiled,
      },
    })),
    plan: costs,
    plans: made && planCosts(made.graph, made.plan),
    part: made && partOf(made.plan),
    tables: [bits, ...findings, making],
    files: [
      { path: 'model/', note: 'the trained model' },
      { path: 'report.md', note: 'this report as Markdown' },
      ...(made === undefined
        ? []
        : [
            { path: 'graph.json', note: 'the fixed-point network (with graph.bin)' },
            { path: 'firmware/', note: 'the HLS project' },
          ]),
      ...(hardware === undefined ? [] : [{ path: 'rtl/', note: 'the Verilog project' }]),
    ],
  });
}
