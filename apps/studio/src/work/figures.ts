import type { FixedGraph } from '@sp/quant';
import { activePixelsVsThreshold as countActive } from '@sp/train';
import * as viz from '@sp/viz';
import type { EpochLogs } from '../project/run.ts';
import type { Findings } from './look.ts';
import type { StudyData } from './study-data.ts';

/** A figure to draw. */
export type FigureRequest =
  | { readonly kind: 'active-pixels'; readonly n: number; readonly threshold: number }
  | { readonly kind: 'history'; readonly history: readonly EpochLogs[]; readonly bestEpoch: number | null }
  | { readonly kind: 'pareto'; readonly points: readonly viz.ParetoPoint[] }
  | { readonly kind: 'outputs'; readonly index: number }
  | { readonly kind: 'examples' | 'bits' | 'heatmaps' | 'ebops' | 'confusion' | 'roc' | 'network' };

/** A figure that was drawn. */
export interface Drawn extends viz.PlacedPicture {
  /** What it shows, in words. */
  readonly description: string;
}

/** What figures are drawn from; those of a trained network need all. */
export interface FigureSources {
  readonly data: StudyData | null;
  readonly found: Findings | null;
  readonly graph: FixedGraph | null;
  readonly outputs: (index: number) => Parameters<typeof viz.layerOutputsPlot>[0];
}

/** Draws a figure of `@sp/viz`. */
export async function drawn(request: FigureRequest, sources: FigureSources, theme: viz.ThemeName): Promise<Drawn> {
  const spec = specOf(request, sources, { theme });
  const picture = await viz.renderPlaced(spec, { onWarning: () => {} });
  return { ...picture, description: String(spec['description'] ?? '') };
}

function specOf(request: FigureRequest, sources: FigureSources, options: viz.FigureOptions): viz.VegaLiteSpec {
  const { data, found, graph, outputs } = sources;
  if (request.kind === 'history') {
    return viz.history(request.history, { ...options, bestEpoch: request.bestEpoch });
  }
  if (request.kind === 'pareto') return viz.paretoFrontPlot(request.points, options);
  if (request.kind === 'active-pixels') {
    if (data === null) throw new Error('there are no images yet; choose some first');
    const { n, threshold } = request;
    return viz.activePixelsVsThresholdPlot(activeRows(data), { ...options, n, threshold });
  }
  if (found === null) throw new Error('no trained network is looked at yet; choose a run first');
  switch (request.kind) {
    case 'examples':
      return viz.reducedExamplesPlot(found.examples, options);
    case 'bits':
      return viz.quantization(found.tensors, options);
    case 'heatmaps':
      return viz.quantizationHeatmaps(
        found.tensors.filter(({ role }) => role === 'weights'),
        options,
      );
    case 'ebops':
      return viz.ebopsByLayer(found.ebopsByLayer, options);
    case 'confusion':
      return viz.confusionMatrix(found.answers, options);
    case 'roc':
      return viz.rocCurve(found.roc, options);
    case 'outputs':
      return viz.layerOutputsPlot(outputs(request.index), options);
    case 'network':
      return viz.networkDiagram((graph as FixedGraph).nodes, options);
    default:
      throw new Error(`unknown figure ${JSON.stringify(request satisfies never)}`);
  }
}

const counted = new WeakMap<StudyData, ReturnType<typeof countActive>>();

/** Counted once for all thresholds: only the marks move. */
function activeRows(data: StudyData): ReturnType<typeof countActive> {
  const rows = counted.get(data) ?? countActive(data.train);
  counted.set(data, rows);
  return rows;
}
