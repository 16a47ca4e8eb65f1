/** C++ keywords, names the kernels or the tools use, and Verilog keywords that HLS tools trip over as port names. */
const RESERVED = new Set(
  (
    'alignas alignof and asm auto bitand bitor bool break case catch char class compl const constexpr continue decltype default delete do ' +
    'double else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not nullptr ' +
    'operator or private protected public register return short signed sizeof static struct switch template this throw true try typedef ' +
    'typeid typename union unsigned using virtual void volatile wchar_t while xor main std sp ap_fixed ap_ufixed ap_int ap_uint ' +
    'input output inout wire reg module always begin end initial assign parameter signal entity port process in out block buffer'
  ).split(' '),
);

/** What the emitted code calls numbered things that belong to a value. */
const NUMBERED = /_(?:copy|rest|table)\d+$/;

/**
 * Distinct C++ identifiers for arbitrary names, in order. Names that already are identifiers keep their spelling; what `derived` makes of an
 * identifier stays distinct too.
 */
export function identifiers(
  names: readonly string[],
  derived: (id: string) => readonly string[] = () => [],
  taken: readonly string[] = [],
): string[] {
  const used = new Set<string>(taken);
  return names.map((name) => {
    const base = identifier(name);
    let id = base;
    for (let n = 2; [id, ...derived(id)].some((word) => used.has(word)); n++) id = `${base}_${n}`;
    for (const word of [id, ...derived(id)]) used.add(word);
    return id;
  });
}

/** The nearest C++ identifier of one name. */
export function identifier(name: string): string {
  const word = name
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .replace(/^(?=\d)/, 'n');
  if (word === '') return 'node';
  return RESERVED.has(word) || NUMBERED.test(word) ? `${word}_value` : word;
}
