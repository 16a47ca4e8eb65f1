import * as vega from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import * as vegaLite from 'vega-lite';
import type { VegaLiteSpec } from '../spec/json.ts';
import { prefixIds } from './prefix-ids.ts';
import { printable } from './printable.ts';
import { textWidth } from './text-width.ts';

/** Options of `renderSvg`. */
export interface RenderOptions {
  /** Called with each warning of Vega or Vega-Lite. @defaultValue `console.warn` */
  readonly onWarning?: ((message: string) => void) | undefined;
  /**
   * Prefix of the ids inside the SVG. Give each figure its own when several are put inline into one page, where equal
   * ids would make one figure clip another. @defaultValue `''`
   */
  readonly idPrefix?: string | undefined;
}

interface Measurable {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
  readonly text?: unknown;
  /** Longest width in px; longer text is cut off with an ellipsis. 0 or absent: none. */
  readonly limit?: number;
}

/** What Vega's text measuring object offers; its own types leave it out. */
interface TextMetrics {
  width: (item: Measurable, text: unknown) => number;
}

const textMetrics = (vega as unknown as { textMetrics: TextMetrics }).textMetrics;
const resetIds = (vega as unknown as { resetSVGDefIds: () => void }).resetSVGDefIds;

/** Renderings take turns: Vega's text measure and id counters are global. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Draws a specification. The same code in Node and in browsers gives the same SVG text: text is measured with a table instead
 * of a canvas, ids count from zero. Only the last digits on logarithmic axes may differ, as `Math.log` does between releases
 * of JavaScript engines. It evaluates no text as code, so it works under a content security policy without 'unsafe-eval'.
 *
 * @throws Error when Vega-Lite cannot compile the specification.
 *
 * @example
 * ```ts
 * const svg = await renderSvg(confusionMatrix({ actual: [0, 1, 1], predicted: [0, 1, 0] }));
 * ```
 */
export async function renderSvg(spec: VegaLiteSpec, options: RenderOptions = {}): Promise<string> {
  return (await renderPlaced(spec, options)).svg;
}

/** A linear axis of a picture: the value `from` lies at `start`, `to` at `end`, in pixels from its left or top edge. */
export interface PictureAxis {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** A picture, and where values lie in it. */
export interface PlacedPicture {
  readonly svg: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Null: none, or not linear. */
  readonly x: PictureAxis | null;
  readonly y: PictureAxis | null;
}

/** Draws as `renderSvg`, and says where values of the axes lie, for pages that put something on top, as handles to drag. */
export function renderPlaced(spec: VegaLiteSpec, options: RenderOptions = {}): Promise<PlacedPicture> {
  const result = turn.then(() => draw(spec, options));
  turn = result.catch(() => undefined);
  return result;
}

async function draw(spec: VegaLiteSpec, options: RenderOptions): Promise<PlacedPicture> {
  const warn = options.onWarning ?? ((message: string) => console.warn(message));
  const logger = warningLogger(warn);
  const compiled = vegaLite.compile(spec as unknown as vegaLite.TopLevelSpec, { logger });
  const measure = textMetrics.width;
  textMetrics.width = (item, text) => {
    const whole = textWidth(`${text ?? ''}`, item.fontSize ?? 11, isBold(item.fontWeight) ? 'bold' : 'normal');
    return item.limit !== undefined && item.limit > 0 ? Math.min(whole, item.limit) : whole;
  };
  resetIds();
  try {
    // Expressions are interpreted: as compiled functions, a content security policy without 'unsafe-eval' refuses them.
    const runtime = vega.parse(compiled.spec, undefined, { ast: true });
    const view = new vega.View(runtime, { renderer: 'none', logger, expr: expressionInterpreter });
    const svg = printable(await view.toSVG());
    const [width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg)?.slice(1).map(Number) ?? [0, 0];
    const [x, y] = (['x', 'y'] as const).map((name, at) => axisOf(view, compiled.spec.scales ?? [], name, at));
    view.finalize();
    return { svg: options.idPrefix ? prefixIds(svg, options.idPrefix) : svg, width, height, x, y };
  } finally {
    textMetrics.width = measure;
  }
}

/** An axis of a picture that has been drawn; `at`: 0 for those to the right, 1 for those down. */
function axisOf(view: vega.View, scales: readonly vega.Scale[], name: 'x' | 'y', at: number): PictureAxis | null {
  if (!scales.some((scale) => scale.name === name && (scale.type ?? 'linear') === 'linear')) return null;
  const scale = view.scale(name) as { domain(): number[]; range(): number[] };
  const { left, top } = view.padding() as { readonly left: number; readonly top: number };
  const offset = [left, top][at] + view.origin()[at];
  const [from, to] = scale.domain();
  const [start, end] = scale.range();
  return { from, to, start: start + offset, end: end + offset };
}

function isBold(weight: string | number | undefined): boolean {
  return weight === 'bold' || Number(weight) >= 600;
}

function warningLogger(warn: (message: string) => void): vega.LoggerInterface {
  const logger: vega.LoggerInterface = {
    level: ((value?: number) => (value === undefined ? vega.Warn : logger)) as vega.LoggerInterface['level'],
    error: (...args) => {
      warn(args.join(' '));
      return logger;
    },
    warn: (...args) => {
      warn(args.join(' '));
      return logger;
    },
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}
