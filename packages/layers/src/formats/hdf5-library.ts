/** An open file of Emscripten's file system. */
interface Hdf5Stream {
  readonly fd: number;
}

/** The parts of Emscripten's file system used here; its own type differs between builds. */
interface Hdf5Files {
  open(path: string, flags: 'r'): Hdf5Stream;
  /** Bytes read, 0 at the end. */
  read(stream: Hdf5Stream, buffer: Uint8Array, offset: number, length: number, position: number): number;
  close(stream: Hdf5Stream): void;
  writeFile(path: string, bytes: Uint8Array): void;
  unlink(path: string): void;
  /** What the C library's output goes through; may be put in another's place. */
  write(
    stream: Hdf5Stream,
    buffer: Uint8Array | Int8Array,
    offset: number,
    length: number,
    ...rest: readonly unknown[]
  ): number;
}

/** The parts of the h5wasm module used here. */
export interface Hdf5Library {
  readonly FS: Hdf5Files;
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  /** The address of an object's header, as bytes; zeros where there is none. */
  create_object_reference(file: bigint, path: string): ArrayLike<number>;
  get_dataset_data(
    file: bigint,
    path: string,
    count: bigint[] | null,
    offset: bigint[] | null,
    strides: bigint[] | null,
    pointer: bigint,
  ): number;
}
