export { assignVariables } from './assign-variables.ts';
export { importKeras } from './import-keras.ts';
export { fromKerasPath, fromKerasPaths } from './keras-paths.ts';
export { loadKeras } from './load-keras.ts';
export { readKeras } from './read-keras.ts';
export { NoCounterpartError } from './refused-classes.ts';
