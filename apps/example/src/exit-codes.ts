/** Exit codes of the program; see `--help`. */
export const exitCodes = { done: 0, mismatch: 1, badInput: 2, noCompiler: 3, interrupted: 130 } as const;
