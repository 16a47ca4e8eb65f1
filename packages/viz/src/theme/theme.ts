import type { JsonObject } from '../spec/json.ts';

/** Colour theme of a figure. */
export type ThemeName = 'light' | 'dark';

/** Colours of a theme. Categories follow Okabe & Ito's colour-blind-safe set, lightened for the dark theme. */
export interface Theme {
  readonly background: string;
  /** Fill of empty pixels and panels. */
  readonly panel: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly axis: string;
  /** Distinct series colours; `accent`, `warning` and `good` are members. */
  readonly categories: readonly string[];
  readonly accent: string;
  readonly warning: string;
  readonly good: string;
  /** Absent, pruned or inactive things. */
  readonly neutral: string;
  /** Low to high. */
  readonly sequential: readonly string[];
  /** Low to high, many steps; every step stands out from `panel`. */
  readonly ordered: readonly string[];
  /** Negative, zero, positive. */
  readonly diverging: readonly [string, string, string];
}

/** The themes by name. */
export const themes: Readonly<Record<ThemeName, Theme>> = {
  light: {
    background: '#ffffff',
    panel: '#f3f5f8',
    text: '#1b1f24',
    muted: '#56606b',
    grid: '#e4e8ed',
    axis: '#8a94a0',
    categories: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#5f6a75'],
    accent: '#0072b2',
    warning: '#d55e00',
    good: '#009e73',
    neutral: '#aab3bd',
    sequential: ['#eaf2f9', '#9ecae1', '#3a8bc2', '#0b559f', '#08306b'],
    ordered: ['#c5df2d', '#56c667', '#1f968b', '#2d708e', '#404788', '#440154'],
    diverging: ['#d55e00', '#fafafa', '#0072b2'],
  },
  dark: {
    background: '#14181d',
    panel: '#20262d',
    text: '#e8ecf1',
    muted: '#a8b2bd',
    grid: '#2b323b',
    axis: '#6b7682',
    categories: ['#56b4e9', '#ff8a4c', '#2cc295', '#e28fbd', '#f0c541', '#9ad7ff', '#74808c'],
    accent: '#56b4e9',
    warning: '#ff8a4c',
    good: '#2cc295',
    neutral: '#5b6570',
    sequential: ['#1d2b39', '#1f5583', '#3a8bc2', '#7cc0ea', '#d6efff'],
    ordered: ['#fde725', '#a0da39', '#4ac16d', '#2fa58f', '#438bb0', '#7064b8'],
    diverging: ['#ff8a4c', '#2b323b', '#56b4e9'],
  },
};

/** Fonts of every figure. Verdana, the fallback, has the same letter widths as DejaVu Sans. */
export const fontFamily: string = "'DejaVu Sans', Verdana, sans-serif";

/** Letter sizes in px, chosen to be readable when a figure is shown at half its size. */
export const fontSizes: Readonly<Record<'title' | 'panel' | 'axis' | 'label', number>> = {
  title: 20,
  panel: 16,
  axis: 15,
  label: 14,
};

/** The Vega-Lite `config` of a theme. */
export function vegaConfig(name: ThemeName): JsonObject {
  const theme = themes[name];
  const { title, panel, axis, label } = fontSizes;
  return {
    // One description per figure instead of one per mark, which would triple the size of heat maps.
    aria: false,
    background: theme.background,
    font: fontFamily,
    padding: 16,
    view: { stroke: null },
    title: {
      color: theme.text,
      subtitleColor: theme.muted,
      fontSize: title,
      subtitleFontSize: label,
      subtitlePadding: 6,
      anchor: 'start',
      frame: 'group',
      fontWeight: 'bold',
      offset: 14,
    },
    axis: {
      labelColor: theme.muted,
      titleColor: theme.text,
      labelFontSize: label,
      titleFontSize: axis,
      titleFontWeight: 'normal',
      gridColor: theme.grid,
      domainColor: theme.axis,
      tickColor: theme.axis,
      labelLimit: 260,
      titlePadding: 8,
    },
    legend: {
      labelColor: theme.text,
      titleColor: theme.text,
      labelFontSize: label,
      titleFontSize: label,
      titleFontWeight: 'normal',
      labelLimit: 320,
      titleLimit: 320,
      symbolSize: 130,
    },
    header: {
      labelColor: theme.text,
      titleColor: theme.text,
      labelFontSize: label,
      titleFontSize: panel,
      labelFontWeight: 'normal',
      titleFontWeight: 'normal',
    },
    range: {
      category: theme.categories,
      ramp: theme.sequential,
      heatmap: theme.sequential,
      diverging: theme.diverging,
    },
    text: { color: theme.text, fontSize: label },
    line: { strokeWidth: 2.5 },
    rule: { color: theme.muted },
    concat: { spacing: 24 },
  };
}
