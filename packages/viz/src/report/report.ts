import { activePixelsVsThresholdPlot } from '../figures/active-pixels-vs-threshold-plot.ts';
import { confusionMatrix } from '../figures/confusion-matrix.ts';
import { ebopsByLayer } from '../figures/ebops-by-layer.ts';
import { history } from '../figures/history.ts';
import { latencyVsResources } from '../figures/latency-vs-resources.ts';
import { layerOutputsPlot } from '../figures/layer-outputs-plot.ts';
import { networkDiagram } from '../figures/network-diagram.ts';
import { parallelCoordinates } from '../figures/parallel-coordinates.ts';
import { parameterImportance } from '../figures/parameter-importance.ts';
import { parameterSlices } from '../figures/parameter-slices.ts';
import { paretoFrontPlot } from '../figures/pareto-front-plot.ts';
import { profilePlot } from '../figures/profile-plot.ts';
import { quantization } from '../figures/quantization.ts';
import { quantizationHeatmaps } from '../figures/quantization-heatmaps.ts';
import { reducedExamplesPlot } from '../figures/reduced-examples-plot.ts';
import { rocCurve } from '../figures/roc-curve.ts';
import { printable } from '../render/printable.ts';
import { renderSvg } from '../render/render-svg.ts';
import { requireChoice } from '../spec/checks.ts';
import type { FigureOptions } from '../spec/figure.ts';
import type { VegaLiteSpec } from '../spec/json.ts';
import { type ThemeName, themes } from '../theme/theme.ts';
import { escapeHtml } from './html.ts';
import { type PageTheme, pageHtml, type Section } from './page.ts';
import type { ReportFile, ReportRun, ReportSearch } from './run.ts';
import { factsHtml, tableHtml, verificationHtml } from './tables.ts';

/** Options of `report`. */
export interface ReportOptions {
  /**
   * Colours. `'auto'` follows the reader's system and holds every figure twice. @defaultValue `'auto'`
   */
  readonly theme?: PageTheme | undefined;
  /** Called with each warning of Vega or Vega-Lite. @defaultValue `console.warn` */
  readonly onWarning?: ((message: string) => void) | undefined;
}

type Draw = (options: FigureOptions) => VegaLiteSpec;

/** A part of a chapter: something to draw, or HTML. */
type Part = Draw | string;

/**
 * A whole run as one HTML page: headline numbers, all figures as inline SVG, and tables. The page needs no other file,
 * no script and no network.
 *
 * @throws FigureError when a part cannot be drawn; it names the figure and the field.
 *
 * @example
 * ```ts
 * const page = await report({
 *   name: 'digits',
 *   facts: [{ label: 'accuracy', value: '93.1 %' }],
 *   history: [{ loss: 2.1, valAccuracy: 0.42 }, { loss: 1.4, valAccuracy: 0.71 }],
 * });
 * writeFileSync('report.html', page);
 * ```
 */
export async function report(run: ReportRun, options: ReportOptions = {}): Promise<string> {
  const theme = options.theme ?? 'auto';
  requireChoice('report', 'theme', theme, ['auto', ...Object.keys(themes)]);
  const sections: Section[] = [];
  let figures = 0;
  for (const { title, parts } of chapters(run)) {
    const bodies: string[] = [];
    for (const part of parts) {
      bodies.push(typeof part === 'string' ? part : await figureHtml(part, theme, `f${++figures}-`, options.onWarning));
    }
    if (bodies.length > 0) sections.push({ title, body: bodies.join('\n') });
  }
  const intro = [
    run.description ? `<p>${escapeHtml(run.description)}</p>` : '',
    run.facts && run.facts.length > 0 ? factsHtml(run.facts) : '',
  ];
  return pageHtml(run.name, intro.join('\n'), sections, theme);
}

function chapters(run: ReportRun): readonly { readonly title: string; readonly parts: readonly Part[] }[] {
  const { activePixels, examples, pareto, answers, roc, graph, tensors, ebops, plans } = run;
  const outputs = run.layerOutputs;
  const values = run.profile;
  const drawings = {
    search: run.search === undefined ? [] : searchParts(run.search),
    data: [
      activePixels &&
        ((options: FigureOptions) =>
          activePixelsVsThresholdPlot(activePixels.rows, {
            ...options,
            n: activePixels.n,
            threshold: activePixels.threshold,
          })),
      examples && ((options: FigureOptions) => reducedExamplesPlot(examples, options)),
    ],
    training: [
      filled(run.history, (epochs) => (options) => history(epochs, { ...options, bestEpoch: run.bestEpoch })),
      filled(pareto, (points) => (options) => paretoFrontPlot(points, options)),
    ],
    answers: [
      answers && ((options: FigureOptions) => confusionMatrix(answers, options)),
      filled(roc, (inputs) => (options) => rocCurve(inputs, options)),
    ],
    network: [
      filled(graph, (nodes) => (options) => networkDiagram(nodes, options)),
      outputs && outputs.size > 0 && ((options: FigureOptions) => layerOutputsPlot(outputs, options)),
    ],
    bits: [
      filled(ebops, (layers) => (options) => ebopsByLayer(layers, options)),
      filled(tensors, (all) => (options) => quantization(all, options)),
      filled(weightsOf(tensors), (weights) => (options) => quantizationHeatmaps(weights, options)),
      filled(values, (entries) => (options) => profilePlot(entries, options)),
    ],
    firmware: [
      run.plan && tableHtml(run.plan),
      filled(plans, (list) => (options) => latencyVsResources(list, { ...options, part: run.part })),
    ],
  } satisfies Record<string, readonly (Part | false | undefined)[]>;
  const check = run.verification && run.verification.length > 0 ? [verificationHtml(run.verification)] : [];
  const chapter = (title: string, parts: readonly (Part | false | undefined)[]) => ({
    title,
    parts: parts.filter((part): part is Part => part !== undefined && part !== false),
  });
  return [
    chapter('Verification', check),
    chapter('Search', drawings.search),
    chapter('Data', drawings.data),
    chapter('Training', drawings.training),
    chapter('Answers', drawings.answers),
    chapter('Network', drawings.network),
    chapter('Bits and cost', drawings.bits),
    chapter('Firmware', drawings.firmware),
    chapter('More about this run', (run.tables ?? []).map(tableHtml)),
    chapter('Files', run.files && run.files.length > 0 ? [filesHtml(run.files)] : []),
  ];
}

function searchParts({ trials, parameters, metrics, importance, fronts = [] }: ReportSearch): readonly Draw[] {
  return [
    ...fronts.map(
      ({ points, cost, score }): Draw =>
        (options) =>
          paretoFrontPlot(points, {
            ...options,
            title: `${score} against ${cost}`,
            costTitle: cost,
            scoreTitle: score,
          }),
    ),
    (options) => parallelCoordinates([...parameters, ...metrics], trials, options),
    ...Object.entries(importance).map(
      ([metric, list]): Draw =>
        (options) =>
          parameterImportance(list, { ...options, title: `What matters for ${metric}` }),
    ),
    ...metrics.map(
      ({ name }): Draw =>
        (options) =>
          parameterSlices(name, parameters, trials, options),
    ),
  ];
}

function filled<T>(list: readonly T[] | undefined, draw: (list: readonly T[]) => Draw): Draw | undefined {
  return list !== undefined && list.length > 0 ? draw(list) : undefined;
}

function weightsOf(tensors: ReportRun['tensors']): ReportRun['tensors'] {
  return tensors?.filter(({ role }) => role === 'weights');
}

async function figureHtml(
  draw: Draw,
  theme: PageTheme,
  idPrefix: string,
  onWarning: ((message: string) => void) | undefined,
): Promise<string> {
  const names: readonly ThemeName[] = theme === 'auto' ? ['light', 'dark'] : [theme];
  const drawings: string[] = [];
  for (const name of names) {
    const spec = draw({ theme: name });
    const svg = await renderSvg(spec, { onWarning, idPrefix: `${idPrefix}${name}-` });
    // On a phone a figure is scrolled rather than shrunk until its letters cannot be read.
    const natural = /<svg [^>]*?width="([\d.]+)"/.exec(svg)?.[1] ?? '600';
    const attributes = `role="img" aria-label="${escapeHtml(spec.description)}" style="--natural: ${natural}px"`;
    const labelled = svg.replace('<svg ', `<svg ${attributes} `);
    drawings.push(theme === 'auto' ? `<div class="only-${name}">${labelled}</div>` : labelled);
  }
  return `<figure>${drawings.join('\n')}</figure>`;
}

function filesHtml(files: readonly ReportFile[]): string {
  const items = files.map(({ path, note }) => {
    const address = printable(path).split('/').map(encodeURIComponent).join('/');
    return `<tr><td><a href="${escapeHtml(address)}"><code>${escapeHtml(path)}</code></a></td><td>${escapeHtml(note)}</td></tr>`;
  });
  return `<div class="scroll"><table><tbody>${items.join('\n')}</tbody></table></div>`;
}
