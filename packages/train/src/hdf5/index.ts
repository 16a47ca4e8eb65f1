export { type LoadHdf5Options, loadHdf5 } from './load-hdf5.ts';
export { openHdf5 } from './open-hdf5.ts';
export { type StreamHdf5Options, streamHdf5 } from './stream-hdf5.ts';
