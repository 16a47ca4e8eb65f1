import { type UnzipFileInfo, unzipSync } from 'fflate';
import { DataError } from './data-error.ts';
import { parseNpy } from './parse-npy.ts';
import type { NumberArray } from './typed-array.ts';

/**
 * Reads the arrays of a NumPy `.npz` file (`numpy.savez` or `savez_compressed`), by name. `wanted` limits which are unpacked.
 *
 * @throws DataError if it is no zip file, is damaged, or one of the arrays cannot be read (see `parseNpy`).
 */
export function parseNpz(
  bytes: Uint8Array,
  source: string,
  wanted?: readonly string[],
): ReadonlyMap<string, NumberArray> {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    throw new DataError(source, 'magic number', 'not a zip file; give an .npz file made by numpy.savez');
  }
  const sizes = new Map<string, number>();
  const filter = (file: UnzipFileInfo): boolean => {
    sizes.set(file.name, file.originalSize);
    return wanted === undefined || wanted.includes(file.name.replace(/\.npy$/, ''));
  };
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, { filter });
  } catch (cause) {
    throw new DataError(source, 'zip data', 'damaged or cut short; get the file again', { cause });
  }
  const arrays = new Map<string, NumberArray>();
  for (const [name, content] of Object.entries(files)) {
    const array = name.replace(/\.npy$/, '');
    if (content.length !== sizes.get(name))
      throw new DataError(source, `array '${array}'`, 'damaged or cut short; get the file again');
    arrays.set(array, parseNpy(content, source, `array '${array}'`));
  }
  return arrays;
}
