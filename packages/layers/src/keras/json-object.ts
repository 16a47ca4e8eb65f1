/** Parsed JSON object. */
export type JsonObject = { readonly [key: string]: unknown };
