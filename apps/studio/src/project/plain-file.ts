/**
 * Plain data with Maps and typed arrays as a text and pieces of bytes, and back: how a project's images and weights lie in its file. A piece is
 * named in the text by `{ "$": type, "at": number }`, a Map by its entries, what JSON does not have by its name.
 */

const arrays = {
  Float32Array,
  Float64Array,
  Int32Array,
  Uint8Array,
} as const;

type ArrayName = keyof typeof arrays;

/** A text and the pieces that it names. */
export interface Pieces {
  readonly json: string;
  readonly pieces: readonly Uint8Array[];
}

/** @throws TypeError for what is no plain data. */
export function toPieces(value: unknown): Pieces {
  const pieces: Uint8Array[] = [];
  const encode = (item: unknown): unknown => {
    if (item === undefined) return { $: 'undefined' };
    if (typeof item === 'number' && !Number.isFinite(item)) return { $: 'number', value: String(item) };
    if (item === null || typeof item !== 'object') return item;
    if (Array.isArray(item)) return item.map(encode);
    if (item instanceof Map)
      return { $: 'Map', entries: [...item].map(([key, entry]) => [encode(key), encode(entry)]) };
    if (ArrayBuffer.isView(item)) {
      const name = Object.prototype.toString.call(item).slice(8, -1);
      if (!(name in arrays)) throw new TypeError(`a project's file holds no ${name}`);
      pieces.push(new Uint8Array(item.buffer, item.byteOffset, item.byteLength).slice());
      return { $: name, at: pieces.length - 1 };
    }
    return Object.fromEntries(Object.entries(item).map(([key, entry]) => [key, encode(entry)]));
  };
  return { json: JSON.stringify(encode(value)), pieces };
}

/** @throws TypeError if the text names a piece that is not there, or something unknown. */
export function fromPieces({ json, pieces }: Pieces): unknown {
  const decode = (item: unknown): unknown => {
    if (item === null || typeof item !== 'object') return item;
    if (Array.isArray(item)) return item.map(decode);
    const { $: kind, at, entries, value } = item as { $?: unknown; at?: unknown; entries?: unknown; value?: unknown };
    if (kind === undefined) return Object.fromEntries(Object.entries(item).map(([key, entry]) => [key, decode(entry)]));
    if (kind === 'undefined') return undefined;
    if (kind === 'number') return Number(value);
    if (kind === 'Map' && Array.isArray(entries))
      return new Map(entries.map(([key, entry]) => [decode(key), decode(entry)]));
    const piece = pieces[at as number];
    if (typeof kind !== 'string' || !(kind in arrays) || piece === undefined) {
      throw new TypeError(`it names ${JSON.stringify(item).slice(0, 60)}, which is not there`);
    }
    return new arrays[kind as ArrayName](piece.slice().buffer);
  };
  return decode(JSON.parse(json));
}
