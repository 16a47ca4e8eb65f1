/** A library of which another instance is made once one has failed from within. */
export interface Renewable<Library> {
  /** The instance to use now. @throws what the first import throws, e.g. where the package is not installed */
  current(): Promise<Library>;
  /** Tells of an error while an instance was used; whether it is one from within. */
  blame(library: Library, error: unknown): boolean;
  /** Whether an instance has failed from within: disorder in its memory may have any consequence, for sound files too. */
  hasFailed(library: Library): boolean;
}

/**
 * Keeps a WebAssembly library that damaged files can bring into disorder.
 *
 * @param load imports it
 * @param again imports another instance, told apart by a number; where that fails (in a bundle for the browser), the old one is used on
 */
export function renewable<Library extends object>(
  load: () => Promise<Library>,
  again: (count: number) => Promise<Library>,
): Renewable<Library> {
  const failed = new WeakSet<Library>();
  let library: Promise<Library> | undefined;
  let renewals = 0;
  const first = (): Promise<Library> =>
    load().catch((error: unknown) => {
      // It may be installed later.
      library = undefined;
      throw error;
    });
  const renewed = async (old: Promise<Library>): Promise<Library> => {
    const loaded = await old;
    if (!failed.has(loaded)) return loaded;
    return again(++renewals).catch(() => loaded);
  };
  return {
    current: () => {
      library = library === undefined ? first() : renewed(library);
      return library;
    },
    blame(instance, error) {
      const within = isFromWithin(error);
      if (within) failed.add(instance);
      return within;
    },
    hasFailed: (instance) => failed.has(instance),
  };
}

/** A trap, an abort, a stack that overflowed, or an exception of C++, which is no Error. */
function isFromWithin(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError || !(error instanceof Error);
}
