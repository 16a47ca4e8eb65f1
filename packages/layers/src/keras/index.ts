export { assignVariables } from './assign-variables.ts';
export type { Hdf5Dataset } from './hdf5.ts';
export { type ImportNote, type ImportOptions, importKeras } from './import-keras.ts';
export type { KerasCall, KerasTensor } from './keras-calls.ts';
export { fromKerasPath, fromKerasPaths } from './keras-paths.ts';
export { type LoadKerasOptions, loadKeras } from './load-keras.ts';
export { type JsonObject, type KerasFile, type KerasLayer, type KerasModel, readKeras } from './read-keras.ts';
export { NoCounterpartError } from './refused-classes.ts';
export type { VariableValue } from './stored-variables.ts';
