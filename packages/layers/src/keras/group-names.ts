/**
 * Name of a layer class as Keras spells it in file groups: an underscore before each capital that starts a lower-case
 * run and between lower and upper case, all lower-case (hgq2 §5.10). `QConv2DSparse` → `q_conv2d_sparse`.
 */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** Group names of a list of layers: the class in snake case, with `_1`, `_2`, … for its repetitions. */
export function groupNames(classNames: readonly string[]): string[] {
  const used = new Map<string, number>();
  return classNames.map((className) => {
    const name = snakeCase(className);
    const repeats = used.get(name) ?? 0;
    used.set(name, repeats + 1);
    return repeats === 0 ? name : `${name}_${repeats}`;
  });
}
