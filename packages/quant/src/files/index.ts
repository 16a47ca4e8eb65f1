/**
 * Files that are whole or not there: written in one step, with checksums, with errors that say what to do. Node only where paths are taken.
 *
 * @module
 */
export { FileError } from './file-error.ts';
export { fileName, fileNames } from './file-name.ts';
export { type NodeModules, nodeModules } from './node-modules.ts';
export { newOwner, type Owner, type OwnerState, retireOwner, stateOf } from './owner.ts';
export { pathOf } from './path-of.ts';
export { holdFolder, recoverFolder, removeFolder, replaceFolder, settleFolder } from './replace-folder.ts';
export { parseJson, parseSealed, sealed, sealOf, sha256Hex } from './seal.ts';
export { exists, type Settle, type StageOptions, settleStage, stageOf, withStage } from './stage.ts';
export { sweep } from './sweep.ts';
export { isSystemError, systemError } from './system-error.ts';
export { readFileWhole, syncTree, writeFileWhole } from './write-file.ts';
