import { lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from './errors.ts';
import { checkTarget, holdRun, type RunRecord, readRecord, replaceFolder, writeRecord } from './run-folder.ts';

const record: RunRecord = {
  version: 2,
  data: { kind: 'digits', description: 'digits' },
  seed: 1,
  epochs: 1,
  bestEpoch: 1,
  trainingSeconds: 1,
  engine: 'tfjs',
  history: [{ epoch: 1, loss: 2 }],
};

const silent = () => {};

let folder: string;
const at = (...path: string[]): string => join(folder, ...path);

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'run-folder-')));
  await mkdir(at('out'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe('checkTarget', () => {
  it('takes runs of any version, empty folders and new ones', async () => {
    await checkTarget(at('out'));
    await writeRecord(at('out'), { ...record, version: 3 } as unknown as RunRecord);
    await checkTarget(at('out'));
    await checkTarget(at('deep/er'));
    expect(await readdir(folder)).toEqual(['deep', 'out']);
  });

  it.each([['{"a":1}'], ['{"version":1}'], ['[]'], ['null'], ['{"version":1,"data":']])(
    'refuses a folder whose run.json is %j',
    async (text) => {
      await writeFile(at('out/run.json'), text);
      await expect(checkTarget(at('out'))).rejects.toThrow(/holds something else than a run of sp-example/);
      await expect(readRecord(at('out'))).rejects.toThrow(/its run.json .*; train again/);
    },
  );

  it('refuses the folder one is in, and a link to nothing', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(at('out'));
    await expect(checkTarget(at('out'))).rejects.toThrow(/is replaced as a whole, and you are in it; go up with cd/);
    await expect(checkTarget(folder)).rejects.toThrow(UsageError);
    await symlink('nowhere', at('link'));
    await expect(checkTarget(at('link'))).rejects.toThrow(/is a link to something that is not there/);
  });

  it('reads runs of earlier versions, which counted the best epoch from 0', async () => {
    const old = { ...record, bestEpoch: 1, history: [{ loss: 2 }, { loss: 1 }] } as unknown as RunRecord;
    await writeRecord(at('out'), old);
    expect(await readRecord(at('out'))).toMatchObject({ bestEpoch: 2, history: [{ epoch: 1 }, { epoch: 2 }] });
    await writeRecord(at('out'), record);
    expect(await readRecord(at('out'))).toEqual(record);
  });

  it.skipIf(process.platform !== 'linux')('refuses what cannot be made', async () => {
    await expect(checkTarget('/proc/x/y/z')).rejects.toThrow(/its parent folder cannot be made/);
  });
});

describe('replaceFolder', () => {
  it('follows a link', async () => {
    await symlink('out', at('link'));
    await replaceFolder(at('link'), (fresh) => writeFile(join(fresh, 'a'), '1'), silent);
    expect((await lstat(at('link'))).isSymbolicLink()).toBe(true);
    expect(await readFile(at('out/a'), 'utf8')).toBe('1');
    expect(await readdir(folder)).toEqual(['link', 'out']);
  });

  it('leaves everything as it was when filling fails, or when the new folder cannot take its place', async () => {
    await writeFile(at('out/a'), 'before');
    await expect(replaceFolder(at('out'), () => Promise.reject(new Error('no')), silent, at('out'))).rejects.toThrow(
      'no',
    );
    // Without the new folder its renaming fails, after the old one was moved away.
    await expect(replaceFolder(at('out'), (fresh) => rm(fresh, { recursive: true }), silent)).rejects.toThrow(
      /cannot be written: it does not exist/,
    );
    expect(await readFile(at('out/a'), 'utf8')).toBe('before');
    expect(await readdir(folder)).toEqual(['out']);
  });
});

describe('run.json', () => {
  it('comes back as it was, and of version 1 too', async () => {
    await writeRecord(at('out'), record);
    expect(await readRecord(at('out'))).toEqual(record);
    await writeFile(at('out/run.json'), JSON.stringify({ ...record, version: 1 }));
    expect(await readRecord(at('out'))).toEqual({ ...record, version: 1 });
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['a changed number', (text) => text.replace('"epochs": 1', '"epochs": 2'), /is damaged: its checksum does not fit/],
    [
      'another version',
      (text) => text.replace('"version": 2', '"version": 1'),
      /is damaged: its checksum does not fit/,
    ],
    ['no checksum', (text) => text.replace(/ "sha256".*\n/, ''), /has no checksum/],
    ['half of it', (text) => text.slice(0, 50), /is not valid JSON/],
    [
      'data of another form, in version 1',
      () => JSON.stringify({ ...record, version: 1, data: { kind: 'csv' } }),
      /damaged: no data/,
    ],
    [
      'a history of texts, in version 1',
      () => JSON.stringify({ ...record, version: 1, history: ['a'] }),
      /history is no list/,
    ],
  ])('is refused with %s', async (_, damage, message) => {
    await writeRecord(at('out'), record);
    await writeFile(at('out/run.json'), damage(await readFile(at('out/run.json'), 'utf8')));
    await expect(readRecord(at('out'))).rejects.toThrow(message);
    await expect(readRecord(at('out'))).rejects.toThrow(UsageError);
  });
});

it('holdRun lets one of two processes work and tells the other why', async () => {
  await holdRun(
    at('out'),
    async () => {
      await expect(holdRun(at('out'), async () => {}, silent)).rejects.toThrow(/out' is being written by this process/);
    },
    silent,
  );
  expect(await readdir(folder)).toEqual(['out']);
});
