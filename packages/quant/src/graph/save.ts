/**
 * A graph on disk: readable JSON for the structure, and one binary file for everything long.
 *
 * Every integer array of more than 16 entries in the JSON is replaced by `{ "at": offset, "count": n, "bytes": 1 | 2 | 4 | 8 }`: little-endian
 * two's-complement integers at that byte offset. The JSON carries the length and the SHA-256 of the binary, and one of itself
 * (`sha256`, see `files/seal.ts`). Version 1 had an FNV-1a checksum of the binary only; it is still read.
 */
import { FileError } from '../files/file-error.ts';
import { parseSealed, sealed, sha256Hex } from '../files/seal.ts';
import { analyse } from './analyse.ts';
import { GraphError } from './errors.ts';
import type { FixedGraph } from './fixed-graph.ts';

const FORMAT = 'sp-fixed-graph';
/** Version of the file layout. */
const VERSION = 2;
const INLINE = 16;

/** The two parts of a saved graph. */
export interface SavedGraph {
  readonly json: string;
  readonly weights: Uint8Array;
}

interface Reference {
  readonly at: number;
  readonly count: number;
  readonly bytes: number;
}

/**
 * A graph as JSON and binary weights. `loadGraph` gives back an equal graph.
 *
 * @throws GraphError when the graph is not valid
 */
export function saveGraph(graph: FixedGraph): SavedGraph {
  analyse(graph);
  const chunks: Uint8Array[] = [];
  let at = 0;
  const pack = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      if (value.length <= INLINE || typeof value[0] !== 'number') return value.map(pack);
      const chunk = packIntegers(value as number[]);
      const reference: Reference = { at, count: value.length, bytes: chunk.length / value.length };
      chunks.push(chunk);
      at += chunk.length;
      return reference;
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, isForeign(value, key) ? entry : pack(entry)]),
    );
  };
  const packed = pack(graph);
  const weights = new Uint8Array(at);
  let offset = 0;
  for (const chunk of chunks) {
    weights.set(chunk, offset);
    offset += chunk.length;
  }
  const file = { format: FORMAT, version: VERSION, weights: { bytes: at, sha256: sha256Hex(weights) }, graph: packed };
  return { json: `${JSON.stringify(sealed(file), null, 1)}\n`, weights };
}

/**
 * Reads what `saveGraph` wrote and validates it.
 *
 * @throws GraphError for anything that is not a valid saved graph, or a binary that belongs to another one
 */
export function loadGraph(saved: SavedGraph): FixedGraph {
  const { format, version, weights, graph } = parse(saved.json) as {
    format?: unknown;
    version?: unknown;
    weights?: { bytes?: unknown; checksum?: unknown; sha256?: unknown };
    graph?: unknown;
  };
  if (format !== FORMAT) throw new GraphError('file', `format is ${JSON.stringify(format)}`, `expected "${FORMAT}"`);
  if (version !== undefined && version !== VERSION) {
    throw new GraphError('file', `version is ${JSON.stringify(version)}`, `versions up to ${VERSION} can be read`);
  }
  const belongs =
    weights?.bytes === saved.weights.length &&
    (version === undefined
      ? weights.checksum === checksum(saved.weights)
      : weights.sha256 === sha256Hex(saved.weights));
  if (!belongs) {
    throw new GraphError('file', 'the binary weights do not belong to this JSON', 'load both parts of one save');
  }
  const result = unpack(graph, saved.weights, 'graph') as FixedGraph;
  analyse(result);
  return result;
}

/** The JSON with a checksum that fits, or of version 1. */
function parse(json: string): object {
  try {
    return parseSealed(json, 'file', ({ format, version }) => format !== FORMAT || version === undefined);
  } catch (cause) {
    if (!(cause instanceof FileError)) throw cause;
    throw new GraphError('file', cause.problem, 'load what saveGraph wrote, unchanged', { cause });
  }
}

function unpack(value: unknown, weights: Uint8Array, path: string): unknown {
  if (Array.isArray(value)) return value.map((entry, j) => unpack(entry, weights, `${path}.${j}`));
  if (typeof value !== 'object' || value === null) return value;
  if ('at' in value && 'count' in value && 'bytes' in value) return unpackIntegers(value as Reference, weights, path);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      isForeign(value, key) ? entry : unpack(entry, weights, `${path}.${key}`),
    ]),
  );
}

/** Data of an extension stay as they are: they may hold fractions, and look like a reference. */
function isForeign(holder: object, key: string): boolean {
  return key === 'attributes' && (holder as { op?: unknown }).op === 'extension';
}

function packIntegers(values: readonly number[]): Uint8Array {
  const most = values.reduce((bound, value) => Math.max(bound, value < 0 ? -value - 1 : value), 0);
  const bytes = most < 2 ** 7 ? 1 : most < 2 ** 15 ? 2 : most < 2 ** 31 ? 4 : 8;
  const view = new DataView(new ArrayBuffer(values.length * bytes));
  values.forEach((value, j) => {
    if (bytes === 1) view.setInt8(j, value);
    else if (bytes === 2) view.setInt16(2 * j, value, true);
    else if (bytes === 4) view.setInt32(4 * j, value, true);
    else view.setBigInt64(8 * j, BigInt(value), true);
  });
  return new Uint8Array(view.buffer);
}

function unpackIntegers({ at, count, bytes }: Reference, weights: Uint8Array, path: string): number[] {
  const sizes = [at, count].every((n) => Number.isSafeInteger(n) && n >= 0) && [1, 2, 4, 8].includes(bytes);
  if (!sizes || at + count * bytes > weights.length) {
    throw new GraphError(
      path,
      `no ${count} integers of ${bytes} bytes at ${at} of ${weights.length}`,
      'load an undamaged file',
    );
  }
  const view = new DataView(weights.buffer, weights.byteOffset + at, count * bytes);
  return Array.from({ length: count }, (_, j) => {
    if (bytes === 1) return view.getInt8(j);
    if (bytes === 2) return view.getInt16(2 * j, true);
    if (bytes === 4) return view.getInt32(4 * j, true);
    return Number(view.getBigInt64(8 * j, true));
  });
}

/** The checksum of version 1: FNV-1a, 32 bits, as eight hexadecimal digits. */
function checksum(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
