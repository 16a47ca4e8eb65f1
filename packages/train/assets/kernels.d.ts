/** The kernels as a WebAssembly module with a memory of its own, base64. */
export const own: string;
/** The same for a memory that threads share. */
export const shared: string;
