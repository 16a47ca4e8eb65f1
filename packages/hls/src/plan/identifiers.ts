import { RESERVED, RESERVED_TOPS } from './reserved.ts';

/**
 * What the emitted code calls things that belong to a value, after its identifier and `_`. Every name in the emitted code is the top
 * function's, a value's identifier, one of these, or without `_` in the middle: local names of the kernels, and names that end in `_`, which
 * those of the bridge and the testbench do where values are beside them.
 */
const DERIVED = [
  // Types and functions.
  ...['t', 'packet', 'stage', 'config', 'product', 'function', 'trace'],
  // Arrays of constants.
  ...['kernel', 'bias', 'format', 'table', 'choice', 'scale', 'offset', 'alpha', 'weight', 'multiplier'],
  // A constant itself.
  ...['values', 'values_trace'],
  // An output that is copied to a port; what bridge and testbench have for a port.
  ...['port', 'port_stream', 'port_file', 'port_golden', 'stream', 'file', 'golden', 'found', 'port_found'],
];

/** The numbered ones. */
const NUMBERED = /_(?:copy|rest|table)\d+$/i;

/** Characters of an identifier at most: files are named after it, with something before and behind. */
const LONGEST = 96;

/**
 * C++ identifiers of a top function and of its values, in order. They, and everything that the emitted code derives from them, differ by more than case; names that
 * already are identifiers keep their spelling otherwise.
 */
export function identifiers(
  top: string,
  names: readonly string[],
): { readonly top: string; readonly values: string[] } {
  const name = topIdentifier(top);
  const used = new Set([...RESERVED, ...['', '_firmware', '_axis', '_kernel'].map((end) => folded(name + end))]);
  const values = names.map((given) => {
    const base = identifier(given);
    let id = base;
    for (let n = 2; derived(id).some((word) => used.has(word)); n++) id = `${base}_${n}`;
    for (const word of derived(id)) used.add(word);
    return id;
  });
  return { top: name, values };
}

/** The nearest C++ identifier of one name. */
export function identifier(name: string): string {
  const word = shortened(
    name
      .replaceAll(/[^A-Za-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .replace(/^(?=\d)/, 'n'),
  );
  if (word === '') return 'node';
  return RESERVED.has(folded(word)) || isMacro(word) || NUMBERED.test(word) ? `${word}_value` : word;
}

/** The nearest C++ identifier for a top function. Global types end in `_t`. */
function topIdentifier(name: string): string {
  const word = identifier(name);
  return RESERVED_TOPS.has(folded(word)) || /_t$/i.test(word) ? `${word}_top` : word;
}

/** By convention macros, and nothing else, are written in capitals. */
function isMacro(word: string): boolean {
  return word === word.toUpperCase() && word.replaceAll(/[^A-Z]/g, '').length > 1;
}

/** Beginning and end: names of nested models often differ at the end only. */
function shortened(word: string): string {
  if (word.length <= LONGEST) return word;
  const half = LONGEST / 2;
  return `${word.slice(0, half).replace(/_$/, '')}_${word.slice(1 - half).replace(/^_/, '')}`;
}

function derived(id: string): string[] {
  return [id, ...DERIVED.map((suffix) => `${id}_${suffix}`)].map(folded);
}

function folded(word: string): string {
  return word.toLowerCase();
}
