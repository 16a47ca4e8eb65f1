/** The binary protocol of `sp_bridge.h`: requests, responses, and codes in the C++ types of a project. */
import { arrayQuantizer, type Codes, sizeOf, type Value } from '@sp/quant';
import { codeShifts } from '../emit/port-codes.ts';
import type { ProjectDescription, ProjectNode } from '../emit/project.ts';
import { FirmwareError } from '../errors.ts';

/** Data of the inputs: batch-major reals or codes; of the only input, or by name. */
export type NetworkInputs =
  | ArrayLike<number>
  | readonly bigint[]
  | Readonly<Record<string, ArrayLike<number> | readonly bigint[]>>;

/** A request and what is needed to read its answer. */
export interface Request {
  readonly bytes: Uint8Array;
  readonly batch: number;
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
  const nodes = project.inputs.map((name) => nodeOf(project, name));
  const data = nodes.map((node) => inputCodes(node, dataOf(project, inputs, node), kind));
  const batch = data.length === 0 ? 1 : data[0].length / sizeOf(nodes[0].shape);
  nodes.forEach((node, j) => {
    if (data[j].length !== batch * sizeOf(node.shape)) {
      throw new FirmwareError(
        `input "${node.name}": ${data[j].length} values for a batch of ${batch}; give ${sizeOf(node.shape)} per image`,
      );
    }
  });
  const indices = taps.map((tap) => project.nodes.indexOf(tap)).sort((a, b) => a - b);
  const head = padded(16 + 4 * indices.length);
  const perImage = nodes.reduce((bytes, node) => bytes + valueBytes(node), 0);
  const bytes = new Uint8Array(head + batch * perImage);
  const view = new DataView(bytes.buffer);
  bytes.set([0x53, 0x50, 0x51, 0x31]);
  for (const [j, word] of [network, batch, indices.length, ...indices].entries()) view.setUint32(4 + 4 * j, word, true);
  let offset = head;
  for (const [n, node] of nodes.entries()) {
    const shifts = codeShifts(node.format, node.shape, node.type, false);
    putCodes(bytes.buffer, offset, perImage, batch, node.bytes, data[n], shifts);
    offset += valueBytes(node);
  }
  return {
    bytes,
    batch,
    answer: [...indices.map((index) => project.nodes[index]), ...project.outputs.map((name) => nodeOf(project, name))],
  };
}

/** Bytes of one image in the answer. */
export function answerBytes(answer: readonly ProjectNode[]): number {
  return answer.reduce((bytes, node) => bytes + valueBytes(node), 0);
}

/** Reads a response, without its head, into one value per answer node. `bytes` starts at a multiple of 8 of its buffer. */
export function readAnswer(bytes: Uint8Array, { answer, batch }: Request): Value[] {
  const perImage = answerBytes(answer);
  if (bytes.length !== batch * perImage) {
    throw new FirmwareError(`the compiled program answered ${bytes.length} bytes instead of ${batch * perImage}`);
  }
  let at = bytes.byteOffset;
  return answer.map((node) => {
    const value = readValue(bytes.buffer, at, perImage, batch, node);
    at += valueBytes(node);
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

function inputCodes(node: ProjectNode, data: ArrayLike<number> | readonly bigint[], kind: 'reals' | 'codes'): Codes {
  if (data.length % sizeOf(node.shape) !== 0) {
    throw new FirmwareError(`input "${node.name}": ${data.length} values; give ${sizeOf(node.shape)} per image`);
  }
  if (kind === 'reals') {
    return arrayQuantizer(node.format, node.shape, node.round, node.overflow).codes(data as ArrayLike<number>).codes;
  }
  return typeof data[0] === 'bigint' ? (data as bigint[]) : Float64Array.from(data as ArrayLike<number>);
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
  if (slots === undefined) {
    for (let b = 0; b < batch; b++) getCodes(buffer, at + b * stride, node.bytes, codes, b * count, count, shifts);
    return { kind: 'dense', batch, shape, codes };
  }
  const valid = new Uint8Array(batch * slots);
  const rows = new Int32Array(batch * slots);
  const cols = new Int32Array(batch * slots);
  const words = new Int32Array(buffer);
  const bytes = new Uint8Array(buffer);
  for (let b = 0; b < batch; b++) {
    const image = at + b * stride;
    getCodes(buffer, image, node.bytes, codes, b * count, count, shifts);
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

function getCodes(
  buffer: ArrayBufferLike,
  at: number,
  bytes: number,
  codes: Codes,
  to: number,
  count: number,
  shifts: Int32Array,
): void {
  const period = shifts.length;
  if (codes instanceof Float64Array && bytes <= 8) {
    const scale = Float64Array.from(shifts, (shift) => 2 ** -shift);
    if (bytes === 8) {
      const words = new Int32Array(buffer, at, 2 * count);
      // A double holds the sum exactly: the code itself has at most 53 bits and the rest are zeros below it.
      for (let j = 0; j < count; j++) {
        codes[to + j] = (words[2 * j + 1] * 2 ** 32 + (words[2 * j] >>> 0)) * scale[j % period];
      }
      return;
    }
    const plain = plainWords(buffer, bytes);
    const from = at / bytes;
    for (let j = 0; j < count; j++) codes[to + j] = plain[from + j] * scale[j % period];
    return;
  }
  const view = new DataView(buffer, at, count * bytes);
  const size = Math.max(bytes, 8);
  for (let j = 0; j < count; j++) {
    let word = 0n;
    if (bytes < 8) {
      word = BigInt(
        bytes === 1 ? view.getInt8(j) : bytes === 2 ? view.getInt16(2 * j, true) : view.getInt32(4 * j, true),
      );
    } else {
      for (let b = size - 8; b >= 0; b -= 8) {
        word =
          (word << 64n) |
          (b === size - 8 ? view.getBigInt64(j * bytes + b, true) : view.getBigUint64(j * bytes + b, true));
      }
    }
    const code = word >> BigInt(shifts[j % period]);
    if (codes instanceof Float64Array) codes[to + j] = Number(code);
    else codes[to + j] = code;
  }
}
