/** Any JSON value, readonly. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object, readonly. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * A Vega-Lite specification as plain JSON: it can be stringified, pasted into any Vega editor, and rendered by any
 * Vega-Lite 6 runtime.
 */
export interface VegaLiteSpec extends JsonObject {
  /** The Vega-Lite schema the figure is written for. */
  readonly $schema: string;
  /** One sentence for readers who do not see the picture. */
  readonly description: string;
}
