import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stageOf, withStage } from '@sp/quant/files';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FirmwareError } from '../errors.ts';
import { recover, write } from './write.ts';
import { listText } from './written-files.ts';

const project = (name: string): [string, string] => [
  'project.json',
  JSON.stringify({ format: 'sp-hls-project', version: 1, name }),
];
const first = new Map([
  project('a'),
  ['a_bridge.cpp', '// a'],
  ['build_lib.sh', '#!/bin/sh\n'],
  ['firmware/a.cpp', 'int a;'],
  ['firmware/weights/w.h', '1'],
]);
const second = new Map([project('b'), ['b_bridge.cpp', '// b'], ['firmware/b.cpp', 'int b;']]);

let folder: string;
const at = (...path: string[]): string => join(folder, ...path);
/** All files below a folder, without our list of them. */
async function filesOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && entry.name !== '.sp-hls-files');
  return files.map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1)).sort();
}

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'write-')));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe('write', () => {
  it('makes a folder, with scripts that can be run', async () => {
    await write(first, at('new/p'));
    expect(await filesOf(at('new/p'))).toEqual([...first.keys()].sort());
    expect((await stat(at('new/p/build_lib.sh'))).mode & 0o111).toBe(0o111);
    expect(await readdir(at('new'))).toEqual(['p']);
  });

  it('sweeps away what was killed before it began', async () => {
    await mkdir(at('p'));
    const { boot, place } = await ownPlace();
    await mkdir(at(`p/.sp-hls.sp-stage-999999999-1-${boot}-${place}-0-0`));
    vi.spyOn(process, 'cwd').mockReturnValue(at('p'));
    await write(first, at('p'));
    expect((await readdir(at('p'))).filter((name) => name.startsWith('.'))).toEqual(['.sp-hls-files']);
    await mkdir(at(`p/.sp-hls.sp-stage-999999999-1-${boot}-${place}-0-0`));
    vi.restoreAllMocks();
    await write(second, at('p'));
    expect((await readdir(at('p'))).filter((name) => name.startsWith('.'))).toEqual(['.sp-hls-files']);
  });

  it.each([['{"name":"my dotnet project"}'], ['null'], ['not JSON']])(
    'leaves a folder alone whose project.json is %j',
    async (text) => {
      await mkdir(at('mine'));
      await writeFile(at('mine/project.json'), text);
      await writeFile(at('mine/thesis.txt'), 'three years');
      await expect(write(first, at('mine'))).rejects.toThrow(
        /mine" holds something else than a firmware project .*choose an empty or new folder/,
      );
      expect(await filesOf(folder)).toEqual(['mine/project.json', 'mine/thesis.txt']);
      expect(await readFile(at('mine/project.json'), 'utf8')).toBe(text);
    },
  );

  /** What people and tools leave in a project. */
  async function addOthers(dir: string): Promise<string[]> {
    await mkdir(join(dir, 'a_prj/solution1'), { recursive: true });
    await mkdir(join(dir, 'a_prj/empty'));
    await mkdir(join(dir, 'build'));
    await writeFile(join(dir, 'a_prj/solution1/csynth.xml'), '<profile/>');
    await writeFile(join(dir, 'build/a_bridge-1'), 'program');
    await writeFile(join(dir, 'NOTES.md'), 'mine');
    await writeFile(join(dir, 'firmware/extra.h'), 'mine too');
    await symlink('../nowhere', join(dir, 'link'));
    return ['NOTES.md', 'a_prj/solution1/csynth.xml', 'build/a_bridge-1', 'firmware/extra.h', 'link'];
  }

  it('replaces the files of a project and keeps all others', async () => {
    const dir = at('p');
    await write(first, dir);
    const others = await addOthers(dir);
    await write(second, dir);
    expect(await filesOf(dir)).toEqual([...second.keys(), ...others].sort());
    expect(await readdir(join(dir, 'a_prj/empty'))).toEqual([]);
    expect(await readFile(join(dir, 'firmware/extra.h'), 'utf8')).toBe('mine too');
    expect(await readlink(join(dir, 'link'))).toBe('../nowhere');
    expect(await readFile(join(dir, 'project.json'), 'utf8')).toContain('"b"');
    expect(await readdir(dir)).not.toContain('weights');
    expect(await readdir(folder)).toEqual(['p']);
  });

  it('loses nothing of a project that has no list of its files', async () => {
    await write(first, at('p'));
    await rm(at('p/.sp-hls-files'));
    await write(second, at('p'));
    expect(await filesOf(at('p'))).toEqual([...new Set([...first.keys(), ...second.keys()])].sort());
  });

  it('changes nothing when something of someone else is in the way', async () => {
    await write(second, at('p'));
    await mkdir(at('p/build_lib.sh'));
    await writeFile(at('p/firmware/weights'), 'a file');
    const before = await filesOf(at('p'));
    await expect(write(first, at('p'))).rejects.toThrow(/is not the project's, but where the new project has/);
    expect(await filesOf(at('p'))).toEqual(before);
    expect(await readdir(folder)).toEqual(['p']);
  });

  it.each([['exchanged'], ['current']])(
    'loses no file of someone else that is called like a new one: %s folder',
    async (kind) => {
      await write(second, at('p'));
      await writeFile(at('p/build_lib.sh'), 'mine');
      if (kind === 'current') vi.spyOn(process, 'cwd').mockReturnValue(at('p'));
      await expect(write(first, at('p'))).rejects.toThrow(/"build_lib.sh" there is not the project's/);
      expect(await readFile(at('p/build_lib.sh'), 'utf8')).toBe('mine');
      expect(await readFile(at('p/project.json'), 'utf8')).toContain('"b"');
      expect((await readdir(at('p'))).filter((name) => name.startsWith('.'))).toEqual(['.sp-hls-files']);
    },
  );

  it('follows a link to a folder', async () => {
    await mkdir(at('real'));
    await symlink('real', at('link'));
    await write(first, at('link'));
    await write(second, at('link'));
    expect((await lstat(at('link'))).isSymbolicLink()).toBe(true);
    expect(await filesOf(at('real'))).toEqual([...second.keys()].sort());
    await symlink('nowhere', at('dangling'));
    await expect(write(first, at('dangling'))).rejects.toThrow(/a link to something that is not there/);
  });

  it.each([[''], ['firmware']])(
    'does not pull the current directory away: it stands in the project’s %j',
    async (inside) => {
      const dir = at('p');
      await write(first, dir);
      const others = await addOthers(dir);
      const { ino } = await stat(join(dir, inside));
      vi.spyOn(process, 'cwd').mockReturnValue(join(dir, inside));
      await write(second, dir);
      expect((await stat(join(dir, inside))).ino).toBe(ino);
      expect(await filesOf(dir)).toEqual([...second.keys(), ...others].sort());
      expect((await readdir(dir, { recursive: true })).filter((path) => /weights|\.sp-hls-./.test(path))).toEqual([
        '.sp-hls-files',
      ]);
    },
  );

  it('takes back what it has exchanged in the current directory when a file does not fit', async () => {
    const dir = at('p');
    await write(second, dir);
    await writeFile(join(dir, 'firmware/weights'), 'a file');
    vi.spyOn(process, 'cwd').mockReturnValue(dir);
    const before = await filesOf(dir);
    await expect(write(first, dir)).rejects.toThrow(FirmwareError);
    expect(await filesOf(dir)).toEqual(before);
    expect(await readFile(join(dir, 'project.json'), 'utf8')).toContain('"b"');
    expect((await readdir(dir)).filter((name) => name.startsWith('.'))).toEqual(['.sp-hls-files']);
  });

  it.skipIf(process.platform !== 'linux')('ends with an error where no folder can be made', async () => {
    await expect(write(first, '/proc/x/fw')).rejects.toThrow(/cannot write the project to "\/proc\/x\/fw"/);
  });

  it('touches nothing outside the folder, whatever a damaged list says', async () => {
    const dir = at('p');
    await write(first, dir);
    await writeFile(at('precious'), 'x');
    await writeFile(join(dir, '.sp-hls-files'), `../precious\n${at('precious')}\nfirmware/../../precious\n`);
    vi.spyOn(process, 'cwd').mockReturnValue(dir);
    await write(second, dir);
    expect(await readFile(at('precious'), 'utf8')).toBe('x');
  });

  it('takes a folder with our list for a project, whatever has become of project.json', async () => {
    await write(first, at('p'));
    await writeFile(at('p/project.json'), '{"format": "sp-');
    await write(second, at('p'));
    expect(await filesOf(at('p'))).toEqual([...second.keys()].sort());
  });

  it.each(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((steps) => [[steps, 'write'] as const, [steps, 'recover'] as const]),
  )('completes an exchange of files that was killed after %i steps, on %s', async (steps, reader) => {
    const dir = at('p');
    await write(first, dir);
    const others = await addOthers(dir);
    await halfExchange(dir, steps);
    const notes: string[] = [];
    const note = (line: string) => notes.push(line);
    if (reader === 'recover') await recover(dir, { note });
    else {
      vi.spyOn(process, 'cwd').mockReturnValue(dir);
      await write(second, dir, { note });
    }
    expect(notes).toEqual([expect.stringMatching(/p': the exchange of its files is completed, as an earlier run/)]);
    expect(await filesOf(dir)).toEqual([...second.keys(), ...others].sort());
    expect(await readFile(join(dir, 'project.json'), 'utf8')).toContain('"b"');
    expect((await readdir(dir)).filter((name) => name.startsWith('.'))).toEqual(['.sp-hls-files']);
  });

  /** A project whose files were being exchanged for those of `second` when the process was killed. */
  async function halfExchange(dir: string, steps: number): Promise<void> {
    const stage = join(dir, '.sp-hls.sp-stage');
    const fresh = new Map([...second, ['.sp-hls-files', listText(second.keys())]]);
    for (const [path, text] of fresh) {
      await mkdir(dirname(join(stage, 'new', path)), { recursive: true });
      await writeFile(join(stage, 'new', path), text);
    }
    await writeFile(join(stage, 'owner-999999999-1-0-0-0-0'), '');
    const away = [...first.keys(), '.sp-hls-files'];
    const there = [...fresh.keys()].reverse();
    await writeFile(join(stage, 'moves.json'), JSON.stringify({ away, there }));
    const { place, boot } = await ownPlace();
    await rename(join(stage, 'owner-999999999-1-0-0-0-0'), join(stage, `owner-999999999-1-${boot}-${place}-0-0`));
    const moves = [
      ...away.map((path) => [join(dir, path), join(stage, 'old', path)]),
      ...there.map((path) => [join(stage, 'new', path), join(dir, path)]),
    ];
    for (const [from, to] of moves.slice(0, steps)) {
      await mkdir(dirname(to), { recursive: true });
      await rename(from, to);
    }
  }

  /** What owners are called here: as a stage of ours shows while it is held. */
  async function ownPlace(): Promise<{ boot: string; place: string }> {
    const stage = stageOf(at('any'));
    return withStage(
      at('any'),
      stage,
      async () => undefined,
      async () => {
        const [name] = await readdir(stage);
        const [, , , boot, place] = name.split('-');
        return { boot, place };
      },
    );
  }
});
