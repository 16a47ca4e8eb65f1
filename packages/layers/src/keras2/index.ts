export { type BuildKeras2Options, buildKeras2 } from './build-keras2.ts';
export { type LoadKeras2Options, loadKeras2 } from './load-keras2.ts';
export {
  type Keras2File,
  type Keras2Layer,
  type Keras2Model,
  readKeras2,
  readKeras2Architecture,
  readKeras2Json,
} from './read-keras2.ts';
export type { Keras2Converter } from './stock-converters.ts';
