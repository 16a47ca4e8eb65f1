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
  const head = 16 + 4 * indices.length;
  const perImage = nodes.reduce((bytes, node) => bytes + sizeOf(node.shape) * node.bytes, 0);
  const bytes = new Uint8Array(head + batch * perImage);
  const view = new DataView(bytes.buffer);
  bytes.set([0x53, 0x50, 0x51, 0x31]);
  for (const [j, word] of [network, batch, indices.length, ...indices].entries()) view.setUint32(4 + 4 * j, word, true);
  let offset = head;
  nodes.forEach((node, n) => {
    const size = sizeOf(node.shape);
    const shifts = codeShifts(node.format, node.shape, node.type, false);
    for (let b = 0; b < batch; b++) {
      putCodes(view, offset + b * perImage, node.bytes, data[n], b * size, shifts);
    }
    offset += size * node.bytes;
  });
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
  const exact =
    node.slots === undefined ? sizeOf(node.shape) * node.bytes : node.slots * (9 + node.shape[2] * node.bytes);
  return Math.ceil(exact / 8) * 8;
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

function putCodes(view: DataView, at: number, bytes: number, codes: Codes, from: number, shifts: Int32Array): void {
  let to = at;
  for (let j = 0; j < shifts.length; j++, to += bytes) {
    const code = codes[from + j];
    if (bytes <= 4 && typeof code === 'number') {
      const word = code * 2 ** shifts[j];
      if (bytes === 1) view.setInt8(to, word);
      else if (bytes === 2) view.setInt16(to, word, true);
      else view.setInt32(to, word, true);
    } else {
      let word = BigInt(code) << BigInt(shifts[j]);
      for (let b = 0; b < bytes; b += 8, word >>= 64n) view.setBigInt64(to + b, BigInt.asIntN(64, word), true);
    }
  }
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
  const view = new DataView(buffer);
  for (let b = 0; b < batch; b++) {
    const image = at + b * stride;
    for (let s = 0; s < slots; s++) {
      valid[b * slots + s] = view.getUint8(image + s);
      rows[b * slots + s] = view.getInt32(image + slots + 4 * s, true);
      cols[b * slots + s] = view.getInt32(image + 5 * slots + 4 * s, true);
    }
    getCodes(buffer, image + 9 * slots, node.bytes, codes, b * count, count, shifts);
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
    const view = new DataView(buffer, at, count * bytes);
    for (let j = 0; j < count; j++) {
      // A double holds the sum exactly: the code itself has at most 53 bits and the rest are zeros below it.
      const word =
        bytes === 1
          ? view.getInt8(j)
          : bytes === 2
            ? view.getInt16(2 * j, true)
            : bytes === 4
              ? view.getInt32(4 * j, true)
              : view.getInt32(8 * j + 4, true) * 2 ** 32 + view.getUint32(8 * j, true);
      codes[to + j] = word * scale[j % period];
    }
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
