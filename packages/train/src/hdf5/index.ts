export { loadHdf5 } from './load-hdf5.ts';
export { openHdf5 } from './open-hdf5.ts';
export { streamHdf5 } from './stream-hdf5.ts';
