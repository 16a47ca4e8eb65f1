export { assignVariables } from './assign-variables.ts';
export type { Hdf5Dataset } from './hdf5.ts';
export { importKeras } from './import-keras.ts';
export { fromKerasPath, fromKerasPaths } from './keras-paths.ts';
export { loadKeras } from './load-keras.ts';
export { type JsonObject, type KerasFile, type KerasLayer, type KerasTensor, readKeras } from './read-keras.ts';
export type { VariableValue } from './stored-variables.ts';
