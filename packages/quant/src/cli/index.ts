// What the command line programs of these packages have in common. Node only.
export { madeUpImages, readGraph, readInputs, readLabels, readOptions, writeText } from './files.ts';
export { type Command, main, type OptionValues, type Program, runProgram, type Terminal } from './program.ts';
export { UsageError } from './usage-error.ts';
