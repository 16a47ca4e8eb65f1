import { zipSync } from 'fflate';

/** Bytes of an `.npy` file in C order. */
export function npy(dtype: string, shape: readonly number[], data: ArrayBufferView): Uint8Array {
  const text = new TextEncoder();
  const header = text.encode(`{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`);
  const start = [0x93, ...text.encode('NUMPY'), 1, 0, header.length & 255, header.length >> 8];
  return Uint8Array.from([...start, ...header, ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

/** Bytes of an `.npz` file. */
export function npz(arrays: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])));
}

/**
 * 8 × 8 images of `count` digits-like blobs in 3 classes: the class says in which third of the image most of the hits are.
 * Pixels are finer than the network's input format, as those of real detectors may be.
 */
export function blobs(count: number): Uint8Array {
  const images = new Float32Array(count * 64);
  const labels = new Int32Array(count);
  let random = 1;
  const below = (end: number): number => {
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    return (random >>> 16) % end;
  };
  for (let j = 0; j < count; j++) {
    labels[j] = j % 3;
    for (let hit = 0; hit < 8; hit++) images[j * 64 + labels[j] * 20 + below(24)] = 0.5 + below(4095) / 8192;
  }
  return npz({ x: npy('<f4', [count, 8, 8], images), y: npy('<i4', [count], labels) });
}
