import { readFileSync } from 'node:fs';

const HEADERS = [
  'sp_wide.h',
  'sp_fixed.h',
  'sp_types.h',
  'sp_list.h',
  'sp_reduce.h',
  'sp_sparse_conv2d.h',
  'sp_sparse_pool2d.h',
  'sp_sparse_flatten.h',
  'sp_dense.h',
  'sp_elementwise.h',
] as const;

/** C++ that ships with this package in `cpp/`, two folders above this module both in `src` and in `dist`. */
export function cppSource(name: string): string {
  return readFileSync(new URL(`../../cpp/${name}`, import.meta.url), 'utf8');
}

/** The kernel headers every project gets, by file name. */
export function kernelFiles(): Map<string, string> {
  return new Map(HEADERS.map((name) => [name, cppSource(name)]));
}
