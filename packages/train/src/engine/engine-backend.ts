/** What computes an engine's kernels; made by `wasmBackend`. */
export interface EngineBackend {
  readonly name: 'typescript' | 'wasm';
}
