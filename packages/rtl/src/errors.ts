/** A graph or option that this package cannot turn into hardware: which node or option, its value, and what would do. */
export class RtlError extends Error {
  override readonly name: string = 'RtlError';
}
