import { importKeras } from '../../src/keras/index.ts';
import type { KerasFile } from '../../src/keras/read-keras.ts';

/** What the import of a file tells. */
export function loadedNotes(file: KerasFile): readonly string[] {
  const notes: string[] = [];
  importKeras(file, { report: ({ message }) => notes.push(message) }).dispose();
  return notes;
}
