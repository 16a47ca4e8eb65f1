/** Whether a label is the index of one of `classes` classes. */
export function isClass(label: number, classes: number): boolean {
  return Number.isInteger(label) && label >= 0 && label < classes;
}

/** What is wrong with a label that is no class, for errors: `is not in 0 … 9; …`. */
export function noClass(label: number, classes: number): string {
  if (!Number.isInteger(label)) return 'is not a whole number; give the index of the class';
  return `is not in 0 … ${classes - 1}; number the classes from 0, or correct their number`;
}
