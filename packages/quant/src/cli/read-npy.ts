/** Arrays of NumPy: `.npy`, and `.npz`, a zip archive of them by name. */
import { inflateRawSync } from 'node:zlib';
import { UsageError } from './usage-error.ts';

/** An array in row-major order. */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

type Read = (view: DataView, at: number) => number;

const KINDS: Readonly<Record<string, readonly [bytes: number, read: Read]>> = {
  '|b1': [1, (view, at) => view.getUint8(at)],
  '|u1': [1, (view, at) => view.getUint8(at)],
  '|i1': [1, (view, at) => view.getInt8(at)],
  '<u2': [2, (view, at) => view.getUint16(at, true)],
  '<i2': [2, (view, at) => view.getInt16(at, true)],
  '<u4': [4, (view, at) => view.getUint32(at, true)],
  '<i4': [4, (view, at) => view.getInt32(at, true)],
  '<u8': [8, (view, at) => Number(view.getBigUint64(at, true))],
  '<i8': [8, (view, at) => Number(view.getBigInt64(at, true))],
  '<f4': [4, (view, at) => view.getFloat32(at, true)],
  '<f8': [8, (view, at) => view.getFloat64(at, true)],
};

/**
 * Reads a `.npy` file.
 *
 * @param what names it in messages
 * @throws UsageError for what is none, is damaged, or holds what is no finite number
 */
export function readNpy(what: string, file: Uint8Array): NumpyArray {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 10 || String.fromCharCode(...file.subarray(1, 6)) !== 'NUMPY' || file[0] !== 0x93) {
    throw new UsageError(`${what}: is no .npy file`);
  }
  const wide = file[6] >= 2;
  const start = wide ? 12 : 10;
  const length = wide && file.length >= 12 ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder().decode(file.subarray(start, start + length));
  const kind = /'descr': *'([^']*)'/.exec(header)?.[1] ?? '?';
  const dims = /'shape': *\(([^)]*)\)/.exec(header)?.[1];
  if (!Object.hasOwn(KINDS, kind)) {
    throw new UsageError(`${what}: numbers of type "${kind}"; use one of ${Object.keys(KINDS).join(', ')}`);
  }
  if (dims === undefined || start + length > file.length)
    throw new UsageError(`${what}: its header is damaged; save it again`);
  if (/'fortran_order': *True/.test(header)) {
    throw new UsageError(`${what}: is in column-major order; save numpy.ascontiguousarray of it`);
  }
  const shape = dims
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const [bytes, read] = KINDS[kind];
  if (!Number.isSafeInteger(count) || start + length + count * bytes !== file.length) {
    throw new UsageError(
      `${what}: ${file.length} bytes, but its header says ${start + length + count * bytes}; save it again`,
    );
  }
  const values = Float64Array.from({ length: count }, (_, j) => read(view, start + length + j * bytes));
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw new UsageError(`${what}: element ${bad} is ${values[bad]}, no finite number`);
  return { shape, values };
}

/** Most bytes of an archive's array: what a typed array can hold. */
const MOST = 2 ** 32;

/**
 * Reads a `.npz` file: its arrays by name, without `.npy`.
 *
 * @throws UsageError for what is none, is damaged, or has arrays that `readNpy` does not take
 */
export function readNpz(what: string, file: Uint8Array): Map<string, NumpyArray> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const damaged = () => new UsageError(`${what}: is no .npz file, or damaged; save it again`);
  try {
    let end = file.length - 22;
    while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
    if (end < 0) throw damaged();
    const arrays = new Map<string, NumpyArray>();
    let at = view.getUint32(end + 16, true);
    for (let entry = 0; entry < view.getUint16(end + 10, true); entry++) {
      if (view.getUint32(at, true) !== 0x02014b50) throw damaged();
      const method = view.getUint16(at + 10, true);
      const packed = view.getUint32(at + 20, true);
      const size = view.getUint32(at + 24, true);
      const nameLength = view.getUint16(at + 28, true);
      const name = new TextDecoder().decode(file.subarray(at + 46, at + 46 + nameLength));
      const local = view.getUint32(at + 42, true);
      const data = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const stored = file.subarray(data, data + packed);
      if (size >= MOST - 1 || stored.length !== packed || (method !== 0 && method !== 8)) throw damaged();
      const plain = method === 0 ? stored : inflateRawSync(stored, { maxOutputLength: Math.max(1, size) });
      arrays.set(name.replace(/\.npy$/, ''), readNpy(`${what}, "${name}"`, plain));
      at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    }
    return arrays;
  } catch (error) {
    throw error instanceof UsageError ? error : damaged();
  }
}
