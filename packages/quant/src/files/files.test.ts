import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileName, fileNames } from './file-name.ts';
import { endedOwner, newOwner, retireOwner, stateOf } from './owner.ts';
import { recoverFolder, removeFolder, replaceFolder } from './replace-folder.ts';
import { parseJson, parseSealed, sealed, sealOf, sha256Hex } from './seal.ts';
import { stageOf, withStage } from './stage.ts';
import { systemError } from './system-error.ts';
import { writeFileWhole } from './write-file.ts';

let folder: string;
const at = (...path: string[]): string => join(folder, ...path);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An owner whose process has ended. */
async function deadOwner(): Promise<string> {
  const owner = await newOwner();
  retireOwner(owner);
  return owner;
}

/** A stage as a killed process leaves it. */
async function deadStage(target: string, content: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(stageOf(target));
  await writeFile(join(stageOf(target), `owner-${await deadOwner()}`), '');
  for (const [name, text] of Object.entries(content)) {
    await mkdir(join(stageOf(target), name));
    await writeFile(join(stageOf(target), name, 'x'), text);
  }
}
const fill = (text: string) => (dir: string) => writeFile(join(dir, 'x'), text);
const textIn = (dir: string) => readFile(join(dir, 'x'), 'utf8');

describe('writeFileWhole', () => {
  it('replaces a file, follows links and leaves nothing beside it', async () => {
    await writeFileWhole(at('a'), 'one');
    await symlink('a', at('link'));
    await writeFileWhole(at('link'), 'two');
    expect(await readFile(at('a'), 'utf8')).toBe('two');
    expect((await readdir(folder)).sort()).toEqual(['a', 'link']);
  });

  it('removes what killed writers left, and nothing of living ones or of others', async () => {
    const living = await newOwner();
    const left = ['.a.sp-part-', '.b.sp-part-'].map((prefix) => prefix + living.replace(/^\d+/, '999999999'));
    const kept = [`.a.sp-part-${living}`, '.a.sp-part-mine', 'a.tmp'];
    for (const name of [...left, ...kept]) await writeFile(at(name), '');
    await writeFileWhole(at('a'), 'one');
    expect((await readdir(folder)).sort()).toEqual(['a', ...kept].sort());
    retireOwner(living);
  });

  it('says which file, what is wrong and what to do', async () => {
    await writeFile(at('file'), '');
    await expect(writeFileWhole(at('file', 'x'), 'one')).rejects.toThrow(
      /file\/x' cannot be written: a part of its path is no folder; name another path; what was there before is unchanged/,
    );
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    expect(String(await systemError(full, 'written', at('a'), 123))).toMatch(
      /a' cannot be written: the disk is full \(123 bytes are needed, \d+ are free\); free space there/,
    );
    expect(await systemError(new TypeError('mine'), 'written', 'a')).toBeInstanceOf(TypeError);
  });
});

describe('replaceFolder', () => {
  it('makes and replaces a folder, and leaves the old one when filling fails', async () => {
    await replaceFolder(at('f'), fill('one'));
    await replaceFolder(at('f'), fill('two'));
    expect(await textIn(at('f'))).toBe('two');
    const failing = replaceFolder(at('f'), async (dir) => {
      await fill('three')(dir);
      throw new Error('no more');
    });
    await expect(failing).rejects.toThrow('no more');
    expect(await textIn(at('f'))).toBe('two');
    expect(await readdir(folder)).toEqual(['f']);
  });

  it.each<[string, Record<string, string>, string | undefined, string | undefined, RegExp | undefined]>([
    ['before the exchange', { new: 'half' }, 'old', 'old', undefined],
    ['before the first exchange', { new: 'half' }, undefined, undefined, undefined],
    ['between the renames', { new: 'new', old: 'old' }, undefined, 'new', /the exchange of the folder is completed/],
    ['after the exchange', { old: 'old' }, 'new', 'new', undefined],
    ['while it was taken back', { old: 'old' }, undefined, 'old', /the folder is back as it was/],
  ])('settles what a run left that was killed %s', async (_, stage, before, after, line) => {
    await deadStage(at('f'), stage);
    if (before !== undefined) await mkdir(at('f')).then(() => fill(before)(at('f')));
    const notes: string[] = [];
    let seen: string | undefined;
    await replaceFolder(
      at('f'),
      async (dir) => {
        seen = await textIn(at('f')).catch(() => undefined);
        await fill('newest')(dir);
      },
      { note: (text) => notes.push(text) },
    );
    expect(seen).toBe(after);
    expect(notes).toEqual(line === undefined ? [] : [expect.stringMatching(line)]);
    expect(await textIn(at('f'))).toBe('newest');
    expect(await readdir(folder)).toEqual(['f']);
  });

  it('recovers for a reader, and only then says so', async () => {
    await deadStage(at('f'), { new: 'new', old: 'old' });
    const notes: string[] = [];
    expect(await recoverFolder(at('f'), { note: (text) => notes.push(text) })).toBe(true);
    expect(await textIn(at('f'))).toBe('new');
    expect(await readdir(folder)).toEqual(['f']);
    expect(notes).toHaveLength(1);
    expect(await recoverFolder(at('g'))).toBe(false);
    await mkdir(stageOf(at('g')));
    expect(await recoverFolder(at('g'))).toBe(false);
    expect(await readdir(folder)).toEqual(['f']);
  });

  it('keeps all when someone has put something else there since', async () => {
    await deadStage(at('f'), { new: 'new', old: 'old' });
    await mkdir(at('f')).then(() => fill('other')(at('f')));
    await expect(replaceFolder(at('f'), fill('newest'))).rejects.toThrow(/something else has been put there since/);
    expect(await textIn(at('f'))).toBe('other');
    expect(await textIn(join(stageOf(at('f')), 'old'))).toBe('old');
  });

  it('lets one of two writers win and tells the other why', async () => {
    // Whoever comes first writes until the other has its answer: the two meet whatever the load.
    const answered: (() => void)[] = [];
    const answer = new Promise<void>((resolve) => answered.push(resolve));
    const writers = ['a', 'b'].map((text) =>
      replaceFolder(at('f'), async (dir) => {
        await answer;
        await fill(text)(dir);
      }),
    );
    for (const writer of writers) writer.catch(() => answered[0]());
    const results = await Promise.allSettled(writers);
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    expect(reasons).toEqual([expect.stringMatching(/f' is being written by this process; wait until that is done/)]);
    expect(await textIn(at('f'))).toBe(results[0].status === 'fulfilled' ? 'a' : 'b');
  });

  it('leaves what cannot be settled to the next run, of whatever process', async () => {
    const stuck = async () => {
      throw new Error('stuck');
    };
    const names = () => readdir(stageOf(at('f')));
    const work = async () => {
      throw new Error('no more');
    };
    await expect(withStage(at('f'), stageOf(at('f')), stuck, work)).rejects.toThrow(
      /f' could be neither written nor left as it was \(no more\); see to that, and do it again/,
    );
    expect(await names()).toEqual([expect.stringMatching(/^owner-\d+-ended-/)]);
    // Taking it over fails too, and again nobody is at work.
    await expect(withStage(at('f'), stageOf(at('f')), stuck, work)).rejects.toThrow('stuck');
    expect(await names()).toEqual([expect.stringMatching(/^owner-\d+-ended-/)]);
    await replaceFolder(at('f'), fill('one'));
    expect(await readdir(folder)).toEqual(['f']);
  });

  it('is done though its stage cannot be removed, and says so', async () => {
    const notes: string[] = [];
    await withStage(
      at('f'),
      stageOf(at('f')),
      async () => undefined,
      (stage) => rm(stage, { recursive: true }),
      { note: (line) => notes.push(line) },
    );
    expect(notes).toEqual([
      expect.stringMatching(/\.f\.sp-stage' cannot be removed \(ENOENT.*; the next run tries again/),
    ]);
  });

  it('takes an empty stage, and refuses one that holds something of others', async () => {
    await mkdir(stageOf(at('f')));
    await replaceFolder(at('f'), fill('one'));
    await mkdir(stageOf(at('f')));
    await writeFile(join(stageOf(at('f')), 'owner-mine'), '');
    await expect(replaceFolder(at('f'), fill('two'))).rejects.toThrow(
      /\.f\.sp-stage' is in the way; it is none of ours: move it/,
    );
    expect(await textIn(at('f'))).toBe('one');
  });

  it('removes a folder as a whole, and what killed removers left', async () => {
    await mkdir(at('f'));
    await mkdir(`${stageOf(at('f'))}-${await deadOwner()}`);
    await removeFolder(at('f'));
    expect(await readdir(folder)).toEqual([]);
    await removeFolder(at('f'));
  });
});

describe('owners', () => {
  it('tells whether they are at work', async () => {
    const owner = await newOwner();
    expect(await stateOf(owner, Date.now())).toBe('alive');
    retireOwner(owner);
    expect(await stateOf(owner, Date.now())).toBe('dead');
    const other = (position: number, text: string) =>
      owner
        .split('-')
        .map((part, j) => (j === position ? text : part))
        .join('-');
    expect(await stateOf(other(0, '999999999'), Date.now())).toBe('dead');
    expect(await stateOf(other(0, String(process.ppid)), Date.now())).toBe('dead');
    expect(await stateOf(other(2, '0badb007'), Date.now())).toBe('dead');
    expect(await stateOf(other(3, 'elsewher'), Date.now())).toBe('unknown');
    expect(await stateOf(other(3, 'elsewher'), Date.now() - 25 * 3600e3)).toBe('dead');
    expect(await stateOf(endedOwner(await newOwner()), Date.now())).toBe('dead');
    expect(await stateOf('me', 0)).toBe('unknown');
  });
});

describe('sealed JSON', () => {
  const content = { name: 'ä\ud800', list: [1, 0.1, 1e300, { deep: [true, null] }] };

  it('has a checksum that any change breaks, but not another layout', () => {
    const text = JSON.stringify(sealed(content));
    const { sha256, ...plain } = JSON.parse(text) as Record<string, unknown>;
    expect(plain).toEqual(JSON.parse(JSON.stringify(content)));
    expect(sealOf({ ...plain, sha256 })).toBe('fits');
    expect(sealOf(plain)).toBe('none');
    expect(parseSealed(JSON.stringify({ ...plain, sha256 }, null, 2), 'f')).toEqual({ sha256, ...plain });
    for (let j = 0; j < text.length; j++) {
      for (const other of ['1', '-', '"', ' ', 'e']) {
        const changed = text.slice(0, j) + other + text.slice(j + 1);
        if (changed !== text) expect(() => parseSealed(changed, 'f'), changed).toThrow();
      }
    }
    for (const number of ['-0', '1e999']) {
      expect(() =>
        parseSealed(JSON.stringify(sealed({ a: [0, null] })).replace(/0(?=,null)|null/, number), 'f'),
      ).toThrow();
    }
  });

  it('is the SHA-256 of the canonical text', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sealed({ b: [1], a: 'x' }).sha256).toBe(sha256Hex('{"a":"x","b":[1]}'));
  });

  it.each([
    ['[1', /'f' is not valid JSON/],
    ['null', /'f' holds no JSON object/],
    ['{}', /'f' has no checksum/],
    ['['.repeat(300), /nested deeper than 256/],
    [`"${'['.repeat(300)}\\"[`, /not valid JSON/],
  ])('refuses %j', (text, message) => {
    expect(() => parseSealed(text, 'f')).toThrow(message);
  });

  it('takes depth up to the limit, and brackets in texts', () => {
    const text = `${'['.repeat(255)}"${'[{'.repeat(300)}\\\\"${']'.repeat(255)}`;
    expect(JSON.stringify(parseJson(`\ufeff${text}`, 'f'))).toBe(text);
  });
});

describe('file names', () => {
  it.each([
    ['conv1', 'conv1'],
    ['aux', 'aux_'],
    ['Con.json', 'Con_.json'],
    ['COM1', 'COM1_'],
    ['com10', 'com10'],
    ['nul .txt', 'nul _.txt'],
    ['a/b\\c:d*e?', 'a_b_c_d_e_'],
    ['dots..', 'dots__'],
    [' blanks ', '_blanks_'],
    ['..', '__'],
    ['', '_'],
    ['\ud800', '_'],
    ['ä'.repeat(100), 'ä'.repeat(60)],
  ])('%j gives %j', (text, name) => {
    expect(fileName(text)).toBe(name);
  });

  it('are all different where A is a', () => {
    expect(fileNames(['A', 'a', 'a-2', 'aux', 'aux_', 'b'])).toEqual(['A', 'a-2', 'a-2-2', 'aux_', 'aux_-2', 'b']);
  });
});
