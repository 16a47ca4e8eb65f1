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
export function renderSvg(spec: VegaLiteSpec, options: RenderOptions = {}): Promise<string> {
  const result = turn.then(() => draw(spec, options));
  turn = result.catch(() => undefined);
  return result;
}

async function draw(spec: VegaLiteSpec, options: RenderOptions): Promise<string> {
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
    view.finalize();
    return options.idPrefix ? prefixIds(svg, options.idPrefix) : svg;
  } finally {
    textMetrics.width = measure;
  }
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
