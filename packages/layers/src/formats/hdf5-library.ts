/** The parts of the h5wasm module used here. */
export interface Hdf5Library {
  // biome-ignore lint/suspicious/noExplicitAny: Emscripten's own type of it differs between builds
  readonly FS: any;
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
