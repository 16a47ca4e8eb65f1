/**
 * Formats of others that more than one package reads: zip files and datasets of HDF5 files, with their checksums and limits.
 *
 * @module
 */
export { crc32 } from './crc32.ts';
export { FormatError } from './format-error.ts';
export { halvesToFloats } from './half.ts';
export { type Hdf5Element, hdf5Element, type StoredHdf5 } from './hdf5-element.ts';
export type { Hdf5Library } from './hdf5-library.ts';
export {
  type Hdf5Metadata,
  type Hdf5Numbers,
  hdf5NumberType,
  hdf5Start,
  quietly,
  readHdf5Numbers,
  unreadableFilter,
} from './hdf5-numbers.ts';
export { type Renewable, renewable } from './renewable.ts';
export { checkPacking, damagedEntry, unpackEntry } from './unpack-entry.ts';
export {
  type ByteRange,
  type ByteReading,
  contentOffset,
  readFrom,
  type ZipEntry,
  zipDirectory,
} from './zip-directory.ts';
