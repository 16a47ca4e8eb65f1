import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FixedGraph } from '@sp/quant';
import { writeFileWhole } from '@sp/quant/files';
import * as viz from '@sp/viz';
import { renderPng } from '@sp/viz/png';
import type { Findings } from './findings.ts';
import type { RunRecord } from './run-folder.ts';

/** A picture that was written: the name of its files (without `.svg`, `.png`) and what it shows. */
export interface Picture {
  readonly file: string;
  readonly caption: string;
}

type Figure = Picture & { readonly spec: () => viz.VegaLiteSpec };

/**
 * Draws how a training went, what it led to and, if given, the fixed-point network, as SVG and PNG, into `folder`. A picture that cannot be drawn is
 * left out, and `note` is told why.
 */
export async function writePictures(
  record: RunRecord,
  found: Findings,
  graph: FixedGraph | undefined,
  folder: string,
  note: (text: string) => void,
): Promise<readonly Picture[]> {
  const figures = [...trainingFigures(record, found), ...(graph === undefined ? [] : [networkFigure(graph)])];
  await mkdir(folder, { recursive: true });
  const drawn: Picture[] = [];
  for (const { file, caption, spec } of figures) {
    let svg: string;
    let png: Uint8Array;
    try {
      svg = await viz.renderSvg(spec());
      png = renderPng(svg);
    } catch (error) {
      // The training is worth more than a picture of it.
      note(`the picture ${file} cannot be drawn: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    await writeFileWhole(join(folder, `${file}.svg`), svg);
    await writeFileWhole(join(folder, `${file}.png`), png);
    drawn.push({ file, caption });
  }
  return drawn;
}

function trainingFigures({ history, bestEpoch }: RunRecord, found: Findings): readonly Figure[] {
  const { n, threshold } = found;
  return [
    {
      file: 'history',
      caption: 'Loss and its parts, accuracy, n, threshold and EBOPs over the epochs; the kept epoch is marked.',
      spec: () => viz.history(history, { bestEpoch }),
    },
    {
      file: 'reduced-examples',
      caption: `The first test image of each class after the reduction to at most ${n} pixels above ${threshold.toFixed(3)}.`,
      spec: () => viz.reducedExamplesPlot(found.examples),
    },
    {
      file: 'bit-widths',
      caption: 'Learned bit widths of weights, biases and activations.',
      spec: () => viz.quantization(found.bits),
    },
    {
      file: 'ebops',
      caption: 'Effective bit operations by layer.',
      spec: () => viz.ebopsByLayer(found.ebopsByLayer),
    },
    {
      file: 'active-pixels',
      caption: 'Active pixels per training image against the threshold; the learned n and threshold are marked.',
      spec: () => viz.activePixelsVsThresholdPlot(found.activePixels, { n, threshold }),
    },
    {
      file: 'layer-outputs',
      caption: 'One test image through the layers.',
      spec: () => viz.layerOutputsPlot(found.layerOutputs),
    },
    {
      file: 'confusion',
      caption: 'True and predicted classes of the test images.',
      spec: () => viz.confusionMatrix(found.answers),
    },
  ];
}

function networkFigure(graph: FixedGraph): Figure {
  return {
    file: 'network',
    caption: 'The fixed-point network: what each node computes, its shape and formats.',
    spec: () => viz.networkDiagram(graph.nodes),
  };
}
