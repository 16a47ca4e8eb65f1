import { gunzipSync, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import type { RandomSource } from '../../src/data/random.ts';
import { imagesNpy, labelsNpy, npy, type SoundFile } from './sound-files.ts';

/** Makes a damaged file of a sound one. */
export type Mutation = (file: SoundFile, random: RandomSource) => Uint8Array;

const text = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);
const bytesOf = (content: string): Uint8Array => Uint8Array.from(content, (letter) => letter.charCodeAt(0));
const pick = <T>(list: readonly T[], random: RandomSource): T => list[random.below(list.length)];
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function places({ bytes, fragile }: SoundFile): readonly number[] {
  return Array.from(bytes.keys()).filter(fragile);
}

const flip: Mutation = (file, random) => {
  const changed = file.bytes.slice();
  const where = places(file);
  for (let times = 1 + random.below(3); times > 0; times--) changed[pick(where, random)] ^= 1 << random.below(8);
  return changed;
};

const overwrite: Mutation = (file, random) => {
  const changed = file.bytes.slice();
  const where = places(file);
  const start = pick(where, random);
  const value = pick([0, 255, -1], random);
  for (let at = start; at < start + 1 + random.below(32) && at < changed.length; at++) {
    if (file.fragile(at)) changed[at] = value < 0 ? random.below(256) : value;
  }
  return changed;
};

const cut: Mutation = ({ bytes }, random) => bytes.slice(0, random.below(bytes.length));
const longer: Mutation = ({ bytes }, random) =>
  joined(
    bytes,
    Uint8Array.from({ length: 1 + random.below(40) }, () => random.below(256)),
  );
const withoutMiddle: Mutation = ({ bytes }, random) => {
  const start = random.below(bytes.length - 1);
  return joined(bytes.slice(0, start), bytes.slice(start + 1 + random.below(Math.min(64, bytes.length - start - 1))));
};
const doubledMiddle: Mutation = ({ bytes }, random) => {
  const start = random.below(bytes.length - 8);
  const end = start + 1 + random.below(Math.min(64, bytes.length - start - 1));
  return joined(bytes.slice(0, end), bytes.slice(start));
};
const empty: Mutation = () => new Uint8Array(0);
const noise: Mutation = (_, random) => Uint8Array.from({ length: random.below(400) }, () => random.below(256));
const otherFormat: Mutation = (_, random) =>
  pick([imagesNpy, zipSync({ a: imagesNpy }), gzipSync(imagesNpy), bytesOf('a,b,c\n')], random);

/** What a header of NumPy may claim. */
const lies: readonly (readonly [string | RegExp, string])[] = [
  ['(24, 4, 5)', '(-24, -4, 5)'],
  ['(24, 4, 5)', '(-1, 4, 5)'],
  ['(24, 4, 5)', '(4294967296, 4294967296, 5)'],
  ['(24, 4, 5)', '(18446744073709551616, 4, 5)'],
  ['(24, 4, 5)', '(24, 4, 50)'],
  ['(24, 4, 5)', '(2, 4, 5)'],
  ['(24, 4, 5)', '(24.0, 4, 5)'],
  ['(24, 4, 5)', '(0, 4, 5)'],
  ['(24, 4, 5)', '()'],
  ['(24, 4, 5)', '(480,)'],
  ['(24, 4, 5)', '(24, 20)'],
  ['(24, 4, 5)', "(24, 4, 5), 'shape': (24, 5, 4)"],
  ["'<f4'", "'<f8'"],
  ["'<f4'", "'<f2'"],
  ["'<f4'", "'|u1'"],
  ["'<f4'", "'<c8'"],
  ["'<f4'", "'<U1'"],
  ["'<f4'", "'|O'"],
  ["'<f4'", "'#f4'"],
  ["'<f4'", "'<f4', 'descr': '<i4'"],
  ['False', 'True'],
  ["'fortran_order'", "'fortran_ordex'"],
  ["'shape'", "'shapf'"],
];

function lyingNpy(random: RandomSource): Uint8Array {
  const [from, to] = pick(lies, random);
  const header = text(imagesNpy.subarray(10, 128));
  const changed = header.replace(from, to).trimEnd().padEnd(117).slice(0, 200).concat('\n');
  return joined(
    imagesNpy.subarray(0, 8),
    Uint8Array.of(changed.length & 255, changed.length >> 8),
    bytesOf(changed),
    imagesNpy.subarray(128),
  );
}

const npyLie: Mutation = (_, random) => lyingNpy(random);

const zipOf =
  (level: 0 | 6): Mutation =>
  (_, random) => {
    const other = npy(
      '<f4',
      '24, 4, 5',
      Float32Array.from({ length: 480 }, () => random.unit()),
    );
    const zipped = (arrays: Record<string, Uint8Array>) => zipSync(arrays, { level });
    return pick(
      [
        () => zipped({ 'x.npy': lyingNpy(random), 'y.npy': labelsNpy }),
        () => zipped({ 'x.npy': imagesNpy }),
        () => zipped({ 'x.npy': imagesNpy, 'y.npy': imagesNpy }),
        () => zipped({ 'x.npy': imagesNpy.slice(0, random.below(imagesNpy.length)), 'y.npy': labelsNpy }),
        () => zipped({ 'x.npy': imagesNpy, 'y.npy': labelsNpy, 'x_train.npy': other }),
        // Of two entries of one name the last counts: the first is another array.
        () => renamed(zipped({ 'w.npy': other, 'x.npy': imagesNpy, 'y.npy': labelsNpy }), 'w.npy', 'x.npy'),
        () => renamed(zipped({ 'x.npy': imagesNpy, 'y.npy': labelsNpy }), 'x.npy', 'v.npy'),
        // Directory of one file, contents of another.
        () =>
          swappedContent(
            zipped({ 'x.npy': imagesNpy, 'y.npy': labelsNpy }),
            zipped({ 'x.npy': other, 'y.npy': labelsNpy }),
          ),
        () => edited(zipped({ 'x.npy': imagesNpy, 'y.npy': labelsNpy }), random),
      ],
      random,
    )();
  };

function renamed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  return bytesOf(text(bytes).replaceAll(from, to));
}

function swappedContent(directory: Uint8Array, content: Uint8Array): Uint8Array {
  const at = (bytes: Uint8Array): number => text(bytes).indexOf('PK\u0001\u0002');
  const end = Math.min(at(directory), at(content));
  return joined(content.slice(0, end), directory.slice(end));
}

/** Changes a field of one entry of the directory: flags, method, checksum, sizes, offset. */
function edited(bytes: Uint8Array, random: RandomSource): Uint8Array {
  const changed = bytes.slice();
  const entry = text(bytes).indexOf('PK\u0001\u0002');
  const [field, width] = pick(
    [
      [8, 2],
      [10, 2],
      [16, 4],
      [20, 4],
      [24, 4],
      [28, 2],
      [30, 2],
      [42, 4],
    ] as const,
    random,
  );
  const value = pick([0, 1, 0xffff, 0xffffffff, 0x7fffffff, random.below(5000)], random);
  new DataView(changed.buffer).setUint32(entry + field, value, true);
  if (width === 2) changed.set(bytes.subarray(entry + field + 2, entry + field + 4), entry + field + 2);
  return changed;
}

const idxLie: Mutation = ({ bytes }, random) => {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const axis = random.below(3);
  view.setUint32(4 + 4 * axis, pick([0, 1, 23, 25, 0xffffffff, 0x80000000, 65536], random));
  if (random.below(2) === 0) changed[3] = pick([0, 1, 2, 4, 255], random);
  if (random.below(3) === 0) changed[2] = pick([0, 7, 10, 11, 12, 13, 14, 15, 255], random);
  return changed;
};

/** The same change inside gzip, or a larger content than promised. */
const inGzip =
  (mutation: Mutation): Mutation =>
  ({ bytes }, random) => {
    const content = new Uint8Array(gunzipSync(bytes));
    return new Uint8Array(gzipSync(mutation({ bytes: content, fragile: () => false }, random)));
  };
const bomb: Mutation = ({ bytes }) => joined(bytes, new Uint8Array(gzipSync(new Uint8Array(4 << 20))));

const csvDamage: Mutation = ({ bytes }, random) => {
  const lines = text(bytes).trimEnd().split('\n');
  const at = 1 + random.below(lines.length - 1);
  const cells = lines[at].split(',');
  const cell = random.below(cells.length);
  const change = random.below(8);
  if (change === 0) cells.splice(cell, 1);
  else if (change === 1) cells.splice(cell, 0, '1');
  else if (change === 2)
    cells[cell] = pick(
      ['', 'x', 'NaN', 'Infinity', '1e999', '0x1F', '1_000', '--1', '1.2.3', '\u0000', 'null'],
      random,
    );
  else if (change === 3) cells[20] = pick(['4', '-1', '0.5', '1e9', '99999999999999999999'], random);
  lines[at] = cells.join(',');
  if (change === 4) lines[at] = lines[at].replaceAll(',', pick([';', '\t', ' ', ''], random));
  if (change === 5) lines[at] = lines[at].slice(0, random.below(lines[at].lastIndexOf(',')));
  if (change === 6) lines.splice(at, 0, pick(['', 'a,b', '# comment', lines[0].replaceAll(/\d+/g, 'p')], random));
  if (change === 7) return joined(bytes.slice(0, 40), Uint8Array.of(0xff, 0xfe), bytes.slice(40));
  return bytesOf(`${lines.join(random.below(2) === 0 ? '\n' : '\r\n')}\n`);
};

/** HDF5 without checksums: its signature, versions, sizes of offsets, and the end it tells. */
const hdf5Superblock: Mutation = ({ bytes }, random) => {
  const changed = bytes.slice();
  const at = pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 40, 41, 42, 43, 44, 45], random);
  changed[at] ^= 1 << random.below(8);
  return changed;
};
const hdf5Cut: Mutation = ({ bytes }, random) => bytes.slice(0, random.below(bytes.length - 1));

const whole = [cut, longer, withoutMiddle, doubledMiddle, empty, noise, otherFormat];
const damaged = [flip, flip, flip, overwrite, overwrite];
// An array without its middle has another length than its header says, in any place; of a CSV that is another CSV.
/** The mutations for every reader. */
export const mutations: Readonly<Record<string, readonly Mutation[]>> = {
  streamNpy: [...whole, ...damaged, npyLie, npyLie, npyLie],
  loadNpz: [...whole, ...damaged, zipOf(6), zipOf(6), zipOf(0)],
  streamNpz: [...whole, ...damaged, zipOf(0), zipOf(0)],
  loadMnistIdx: [...whole, ...damaged, idxLie, idxLie],
  'loadMnistIdx .gz': [...whole, ...damaged, inGzip(idxLie), inGzip(cut), inGzip(longer), bomb],
  streamIdx: [...whole, ...damaged, idxLie, idxLie],
  loadHdf5: [...whole, ...damaged, ...damaged],
  streamHdf5: [...whole, ...damaged, ...damaged],
  'streamHdf5 without checksums': [hdf5Superblock, hdf5Superblock, hdf5Cut, empty, noise, otherFormat],
  loadCsv: [csvDamage, csvDamage, csvDamage, csvDamage, empty, noise, otherFormat],
  'loadCsv .gz': [...whole, ...damaged, inGzip(csvDamage), inGzip(csvDamage)],
};
