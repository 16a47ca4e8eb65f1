import { FormatError, readFrom, unpackEntry, zipDirectory } from '../formats/index.ts';
import { LayerError } from '../layer-error.ts';

/** Whether a file is a zip archive. */
export function isArchive(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** Parts of a `.keras` archive by name. @throws LayerError when it is none, or a damaged one */
export function unzipKeras(bytes: Uint8Array, what: string): Record<string, Uint8Array> {
  try {
    const entries = readFrom(bytes, zipDirectory(bytes.length));
    return Object.fromEntries([...entries].map(([name, entry]) => [name, unpackEntry(bytes, entry)]));
  } catch (cause) {
    const why = cause instanceof FormatError && cause.part.startsWith("'") ? ` (${cause.message})` : '';
    throw new LayerError(
      `${what} is not a zip archive, or a damaged one${why}: truncated, or not in the .keras format of Keras 3. Save the model again.`,
      { cause },
    );
  }
}

/** @throws LayerError naming the part that is missing */
export function partOf(parts: Record<string, Uint8Array>, name: string, what: string): Uint8Array {
  const bytes = parts[name];
  if (bytes == null)
    throw new LayerError(`${what} has no ${name}: it is not in the .keras format of Keras 3. Save the model again.`);
  return bytes;
}
