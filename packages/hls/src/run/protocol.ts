/** The binary protocol of `sp_bridge.h`: requests, responses, and codes in the C++ types of a project. */

import { arrayQuantizer, type Codes, sizeOf } from '@sp/quant';
import type { ArrayQuantizer, Value } from '@sp/quant/internal';
import { codeShifts } from '../emit/port-codes.ts';
import type { ProjectDescription, ProjectNode } from '../emit/project.ts';
import { FirmwareError } from '../errors.ts';
import { type AnswerCheck, checkAnswer } from './check-answer.ts';

export type { AnswerCheck };

/** Data of the inputs: batch-major reals or codes; of the only input, or by name. */
export type NetworkInputs =
  | ArrayLike<number>
  | readonly bigint[]
  | Readonly<Record<string, ArrayLike<number> | readonly bigint[]>>;

/** A request and what is needed to read its answer. */
export interface Request {
  readonly batch: number;
  /** What precedes the images when `count` of them are sent. */
  head(count: number): Uint8Array;
  /** The inputs of images `from … to - 1`. Pieces of a request are prepared one by one, while the program works on those before. */
  images(from: number, to: number): Uint8Array;
  /** Values of the answer's images, in order. */
  readonly answer: readonly ProjectNode[];
}

/** Length of what precedes the images in a response. */
export const RESPONSE_HEAD = 8;

/**
 * Builds a request for all outputs and the tapped nodes.
 *
 * @throws FirmwareError for missing or surplus inputs and wrong lengths
 */
export function request(
  project: ProjectDescription,
  network: number,
  inputs: NetworkInputs,
  kind: 'reals' | 'codes',
  taps: readonly ProjectNode[],
): Request {
  const ports = project.inputs.map((name) => {
    const node = nodeOf(project, name);
    const data = dataOf(project, inputs, node);
    return { node, size: sizeOf(node.shape), length: data.length, put: writerOf(node, data, kind) };
  });
  const batch = ports.length === 0 ? 1 : Math.floor(ports[0].length / ports[0].size);
  for (const { node, size, length } of ports) {
    if (length !== batch * size) {
      throw new FirmwareError(`input "${node.name}": ${length} values for a batch of ${batch}; give ${size} per image`);
    }
  }
  const indices = taps.map((tap) => project.nodes.indexOf(tap)).sort((a, b) => a - b);
  const perImage = ports.reduce((bytes, { node }) => bytes + valueBytes(node), 0);
  return {
    batch,
    head(count) {
      const head = new Uint8Array(padded(16 + 4 * indices.length));
      const view = new DataView(head.buffer);
      head.set([0x53, 0x50, 0x51, 0x31]);
      const words = [network, count, indices.length, ...indices];
      for (const [j, word] of words.entries()) view.setUint32(4 + 4 * j, word, true);
      return head;
    },
    images(from, to) {
      const bytes = new Uint8Array((to - from) * perImage);
      let offset = 0;
      for (const { put, node } of ports) {
        put(from, to, bytes.buffer, offset, perImage);
        offset += valueBytes(node);
      }
      return bytes;
    },
    answer: [...indices.map((index) => project.nodes[index]), ...project.outputs.map((name) => nodeOf(project, name))],
  };
}

/** Bytes of one image in the answer. */
export function answerBytes(answer: readonly ProjectNode[]): number {
  return answer.reduce((bytes, node) => bytes + valueBytes(node), 0);
}

/** What is wrong with the head of a response for `count` images, as the end of a sentence. */
export function headProblem(head: Uint8Array, count: number): string | undefined {
  const magic = String.fromCharCode(...head.subarray(0, 4));
  if (magic !== 'SPR1')
    return `answered ${JSON.stringify(magic)} where an answer begins with "SPR1"; is it a compiled network?`;
  const images = new DataView(head.buffer, head.byteOffset).getUint32(4, true);
  return images === count ? undefined : `answered for ${images} images instead of ${count}; compile the project again`;
}

/**
 * Reads a response, without its head, into one value per answer node. `bytes` starts at a multiple of 8 of its buffer.
 *
 * @throws CompileError for a value that the network cannot have computed
 */
export function readAnswer(bytes: Uint8Array, { answer, batch }: Request, check: AnswerCheck): Value[] {
  const perImage = answerBytes(answer);
  if (bytes.length !== batch * perImage) {
    throw new FirmwareError(`the compiled program answered ${bytes.length} bytes instead of ${batch * perImage}`);
  }
  let at = bytes.byteOffset;
  return answer.map((node) => {
    const value = readValue(bytes.buffer, at, perImage, batch, node);
    at += valueBytes(node);
    checkAnswer(node, value, check);
    return value;
  });
}

/** Node of a project by name. @throws FirmwareError when there is none */
export function nodeOf(project: ProjectDescription, name: string): ProjectNode {
  const node = project.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new FirmwareError(`project "${project.name}" has no node "${name}"`);
  return node;
}

function valueBytes(node: ProjectNode): number {
  if (node.slots === undefined) return padded(sizeOf(node.shape) * node.bytes);
  return padded(padded(node.slots * node.shape[2] * node.bytes) + 9 * node.slots);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function dataOf(
  project: ProjectDescription,
  inputs: NetworkInputs,
  node: ProjectNode,
): ArrayLike<number> | readonly bigint[] {
  if (Array.isArray(inputs) || ArrayBuffer.isView(inputs)) {
    if (project.inputs.length === 1) return inputs as ArrayLike<number>;
    throw new FirmwareError(
      `one array for ${project.inputs.length} inputs; pass a record by name: ${project.inputs.join(', ')}`,
    );
  }
  const record = inputs as Readonly<Record<string, ArrayLike<number> | readonly bigint[]>>;
  for (const name of Object.keys(record)) {
    if (!project.inputs.includes(name)) {
      throw new FirmwareError(`"${name}" is no input; the inputs are ${project.inputs.join(', ')}`);
    }
  }
  const data = record[node.name];
  if (data === undefined) throw new FirmwareError(`input "${node.name}": no data; pass it by its name`);
  return data;
}

/** Writes the codes of images `from … to - 1` at byte `at` and every `stride` bytes from there, into a buffer of zeros. */
type PutImages = (from: number, to: number, buffer: ArrayBuffer, at: number, stride: number) => void;

function writerOf(node: ProjectNode, data: ArrayLike<number> | readonly bigint[], kind: 'reals' | 'codes'): PutImages {
  const size = sizeOf(node.shape);
  const shifts = codeShifts(node.format, node.shape, node.type, false);
  const part = (from: number, to: number): ArrayLike<number> | readonly bigint[] =>
    data instanceof Float64Array || data instanceof Float32Array
      ? data.subarray(from * size, to * size)
      : (Array.prototype.slice.call(data, from * size, to * size) as number[]);
  if (kind === 'reals' && node.format.k.length === 1 && node.bytes <= 4) {
    const quantizer = arrayQuantizer(node.format, node.format.shape, node.round, node.overflow);
    return (from, to, buffer, at, stride) =>
      putNonZeros(
        quantizer,
        part(from, to) as ArrayLike<number>,
        size,
        plainWords(buffer, node.bytes),
        at / node.bytes,
        stride / node.bytes,
      );
  }
  const quantizer = arrayQuantizer(node.format, node.shape, node.round, node.overflow);
  const codesOf = (values: ArrayLike<number> | readonly bigint[]): Codes => {
    if (kind === 'reals') return quantizer.codes(values as ArrayLike<number>).codes;
    if (values instanceof Float64Array) return values;
    return typeof values[0] === 'bigint' ? (values as bigint[]) : Float64Array.from(values as ArrayLike<number>);
  };
  return (from, to, buffer, at, stride) =>
    putCodes(buffer, at, stride, to - from, node.bytes, codesOf(part(from, to)), shifts);
}

/**
 * Codes of one format, which are the words of the port: 0 is 0 in every format, so only the other numbers, few in a sparse image, are quantised. Plain loops: this is
 * what the compiled program waits for.
 */
function putNonZeros(
  quantizer: ArrayQuantizer,
  x: ArrayLike<number>,
  size: number,
  words: Int8Array | Int16Array | Int32Array,
  at: number,
  stride: number,
): void {
  const places = new Int32Array(x.length);
  const values = new Float64Array(x.length);
  let count = 0;
  for (let j = 0, word = at; j < x.length; word += stride) {
    for (let to = word; to < word + size; to++, j++) {
      const value = x[j];
      if (value === 0) continue;
      places[count] = to;
      values[count++] = value;
    }
  }
  const { codes } = quantizer.codes(values.subarray(0, count));
  for (let j = 0; j < count; j++) words[places[j]] = Number(codes[j]);
}

/** Writes the codes of a batch, moved left by `shifts`, at `at` and every `stride` bytes from there. */
function putCodes(
  buffer: ArrayBuffer,
  at: number,
  stride: number,
  batch: number,
  bytes: number,
  codes: Codes,
  shifts: Int32Array,
): void {
  const size = shifts.length;
  if (bytes <= 4 && codes instanceof Float64Array) {
    const scale = Float64Array.from(shifts, (shift) => 2 ** shift);
    const words = plainWords(buffer, bytes);
    for (let b = 0; b < batch; b++) {
      const to = (at + b * stride) / bytes;
      for (let j = 0; j < size; j++) words[to + j] = codes[b * size + j] * scale[j];
    }
    return;
  }
  const view = new DataView(buffer);
  const step = Math.min(bytes, 8) * 8;
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < size; j++) {
      let word = BigInt(codes[b * size + j]) << BigInt(shifts[j]);
      const to = at + b * stride + j * bytes;
      for (let done = 0; done < bytes; done += 8, word >>= 64n) putWord(view, to + done, step, word);
    }
  }
}

function putWord(view: DataView, at: number, bits: number, word: bigint): void {
  if (bits === 64) view.setBigInt64(at, BigInt.asIntN(64, word), true);
  else if (bits === 32) view.setInt32(at, Number(word), true);
  else if (bits === 16) view.setInt16(at, Number(word), true);
  else view.setInt8(at, Number(word));
}

/** The buffer as machine integers. Every value starts at a multiple of 8. */
function plainWords(buffer: ArrayBufferLike, bytes: number): Int8Array | Int16Array | Int32Array {
  return bytes === 1 ? new Int8Array(buffer) : bytes === 2 ? new Int16Array(buffer) : new Int32Array(buffer);
}

function readValue(buffer: ArrayBufferLike, at: number, stride: number, batch: number, node: ProjectNode): Value {
  const { shape, slots } = node;
  const shifts = codeShifts(node.format, shape, node.type, slots !== undefined);
  const count = slots === undefined ? sizeOf(shape) : slots * shape[2];
  const codes = allocate(node, batch * count);
  getCodes(buffer, at, stride, batch, node.bytes, codes, count, shifts);
  if (slots === undefined) return { kind: 'dense', batch, shape, codes };
  const valid = new Uint8Array(batch * slots);
  const rows = new Int32Array(batch * slots);
  const cols = new Int32Array(batch * slots);
  const words = new Int32Array(buffer);
  const bytes = new Uint8Array(buffer);
  for (let b = 0; b < batch; b++) {
    const image = at + b * stride;
    const places = image + padded(count * node.bytes);
    rows.set(words.subarray(places / 4, places / 4 + slots), b * slots);
    cols.set(words.subarray(places / 4 + slots, places / 4 + 2 * slots), b * slots);
    valid.set(bytes.subarray(places + 8 * slots, places + 9 * slots), b * slots);
  }
  return { kind: 'list', batch, slots, shape, valid, rows, cols, codes };
}

/** Numbers when every code of the node's formats stays below 2^52, as `interpret` has it. */
function allocate({ format }: ProjectNode, length: number): Codes {
  const wide = format.i.some((i, j) => i + format.f[j] > 52);
  return wide ? new Array<bigint>(length).fill(0n) : new Float64Array(length);
}

/** Reads `count` codes at each of the places `at + b · stride`, for the images `b` of a batch. */
function getCodes(
  buffer: ArrayBufferLike,
  at: number,
  stride: number,
  batch: number,
  bytes: number,
  codes: Codes,
  count: number,
  shifts: Int32Array,
): void {
  const period = shifts.length;
  if (codes instanceof Float64Array && bytes <= 8) {
    const scale = Float64Array.from({ length: count }, (_, j) => 2 ** -shifts[j % period]);
    const words = plainWords(buffer, Math.min(bytes, 4));
    for (let b = 0, to = 0; b < batch; b++) {
      let from = (at + b * stride) / Math.min(bytes, 4);
      if (bytes < 8) {
        for (let j = 0; j < count; j++) codes[to++] = words[from++] * scale[j];
        continue;
      }
      // A double holds the sum exactly: the code itself has at most 53 bits and the rest are zeros below it.
      for (let j = 0; j < count; j++, from += 2) {
        codes[to++] = (words[from + 1] * 2 ** 32 + (words[from] >>> 0)) * scale[j];
      }
    }
    return;
  }
  const view = new DataView(buffer);
  for (let b = 0, to = 0; b < batch; b++) {
    for (let j = 0; j < count; j++, to++) {
      const code = getWord(view, at + b * stride + j * bytes, bytes) >> BigInt(shifts[j % period]);
      if (codes instanceof Float64Array) codes[to] = Number(code);
      else codes[to] = code;
    }
  }
}

function getWord(view: DataView, at: number, bytes: number): bigint {
  if (bytes === 1) return BigInt(view.getInt8(at));
  if (bytes === 2) return BigInt(view.getInt16(at, true));
  if (bytes === 4) return BigInt(view.getInt32(at, true));
  let word = view.getBigInt64(at + bytes - 8, true);
  for (let b = bytes - 16; b >= 0; b -= 8) word = (word << 64n) | view.getBigUint64(at + b, true);
  return word;
}
