import { fontSizes, type Theme, type ThemeName, themes, vegaConfig } from '../theme/theme.ts';
import { requireChoice } from './checks.ts';
import { guardInheritedNames } from './inherited-names.ts';
import type { Json, JsonObject, VegaLiteSpec } from './json.ts';

/** Options that every figure takes. */
export interface FigureOptions {
  /** Colours of the figure. @defaultValue `'light'` */
  readonly theme?: ThemeName | undefined;
  /** Heading. Each figure has a default; `''` leaves the heading out. */
  readonly title?: string | undefined;
  /** A line below the heading, before the figure's own notes. */
  readonly subtitle?: string | undefined;
}

/** What a figure says about itself besides its marks. */
export interface Caption {
  readonly title: string;
  /** Lines below the heading; empty strings are left out. */
  readonly notes: readonly string[];
  readonly description: string;
}

/** The colours that `options` ask for; rejects themes that do not exist. */
export function themeOf(figureName: string, options: FigureOptions): Theme {
  const name = options.theme ?? 'light';
  requireChoice(figureName, 'theme', name, Object.keys(themes));
  return themes[name];
}

/** Wraps marks into a complete specification: schema, theme, heading, texts that Vega can handle. */
export function figure(options: FigureOptions, caption: Caption, body: JsonObject): VegaLiteSpec {
  const text = options.title ?? caption.title;
  const lines = [options.subtitle ?? '', ...caption.notes].filter((line) => line !== '');
  const subtitle = lines.length > 0 ? { subtitle: lines } : {};
  const title = text === '' && lines.length === 0 ? {} : { title: { text, ...subtitle } };
  return guardInheritedNames({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: caption.description,
    ...title,
    config: vegaConfig(options.theme ?? 'light'),
    ...body,
  });
}

/** Inline data of a view. */
export function rows(values: readonly JsonObject[]): { readonly values: readonly JsonObject[] } {
  return { values };
}

/**
 * The heading of one panel as a mark at a fixed place above the plot: unlike titles, headings of neighbouring panels are
 * then at the same height whatever their axes need.
 */
export function headingLayer(text: string, extra: JsonObject = {}): JsonObject {
  return {
    data: rows([{}]),
    mark: { type: 'text', text, x: 0, y: -11, align: 'left', baseline: 'bottom', fontSize: fontSizes.panel, ...extra },
  };
}

/** The heading of one panel in a figure of several. */
export function panelTitle(text: string, extra: JsonObject = {}): Json {
  return { text, fontSize: fontSizes.panel, fontWeight: 'normal', offset: 8, ...extra };
}
