import { parseCsv, parseIdx, parseNpy, parseNpz } from '@sp/train';
import { mutateBytes, mutateText } from './mutate.ts';
import type { Reader } from './reader.ts';

const CSV = 'label,p0,p1\n0,0.5,1\n1,2,3e-2\n2,4,5\n';
const CSV_OPTIONS = { shape: [1, 2, 1], classes: 3, label: 'first', headerLines: 1 } as const;

/** Formats of others have no checksum of all: what is read may be another number, but never by an error of the language or for ever. */
export function dataReaders(): Reader[] {
  // Nothing is damaged by chance alone: as it is, it can be read.
  parseCsv(CSV, CSV_OPTIONS, 'a.csv');
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117).concat('\n');
  const npy = Uint8Array.from([
    0x93,
    ...Buffer.from('NUMPY'),
    1,
    0,
    118,
    0,
    ...Buffer.from(header),
    ...new Uint8Array(24),
  ]);
  const idx = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]);
  return [
    { name: 'an .npy array', share: 3, attempt: (dice) => parseNpy(mutateBytes(npy, dice), 'a.npy') !== undefined },
    {
      name: 'an .npz archive',
      share: 1,
      attempt: (dice) => parseNpz(mutateBytes(zipped(npy), dice), 'a.npz') !== undefined,
    },
    { name: 'an IDX file', share: 2, attempt: (dice) => parseIdx(mutateBytes(idx, dice), 'a.idx') !== undefined },
    {
      name: 'a .csv file',
      share: 2,
      attempt: (dice) => parseCsv(mutateText(CSV, dice), CSV_OPTIONS, 'a.csv') !== undefined,
    },
  ];
}

/** A zip archive of one stored file, its checksum not filled in: damage is for the reader of the directory. */
function zipped(content: Uint8Array): Uint8Array {
  const name = Buffer.from('x.npy');
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt32LE(content.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, content]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, Buffer.alloc(14), name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Uint8Array.from(Buffer.concat([local, central, Buffer.from('PK\x05\x06', 'latin1'), end]));
}
