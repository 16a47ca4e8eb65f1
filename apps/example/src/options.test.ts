import { describe, expect, it } from 'vitest';
import { helpText } from './help.ts';
import { optionTexts, readOptions } from './options.ts';

describe('readOptions', () => {
  it('does everything with the digits by default', () => {
    expect(readOptions([])).toEqual({
      command: 'all',
      data: { kind: 'digits' },
      epochs: 60,
      seed: 1,
      out: 'runs/digits',
      n: 24,
      threshold: 0.45,
      reuseFactor: 1,
      parallelizationFactor: undefined,
      rtl: undefined,
      engine: 'auto',
      resume: false,
    });
  });

  it('reads commands and options in any order and spelling', () => {
    const words = [
      '--n',
      '20',
      'all',
      '--data',
      'npz',
      'my file.npz',
      '--epochs=5',
      '--threshold',
      '0',
      '--reuse-factor=4',
    ];
    expect(readOptions(words)).toMatchObject({
      command: 'all',
      data: { kind: 'npz', path: 'my file.npz' },
      n: 20,
      epochs: 5,
      threshold: 0,
      reuseFactor: 4,
    });
    expect(readOptions(['--data=mnist-idx', 'dir'])).toMatchObject({
      command: 'all',
      data: { kind: 'mnist-idx', path: 'dir' },
    });
    expect(readOptions(['--data', 'npz:a.npz'])).toMatchObject({ data: { kind: 'npz', path: 'a.npz' } });
    for (const kind of ['hdf5', 'csv']) {
      expect(readOptions(['--data', kind, 'file:///my%20data'])).toMatchObject({ data: { kind, path: '/my data' } });
    }
    expect(readOptions(['--data', 'npz', 'a.npz', '--channels', 'first'])).toMatchObject({
      data: { kind: 'npz', path: 'a.npz', channels: 'first' },
    });
    const named = ['--data', 'hdf5', 'a.h5', '--images', 'jets/x', '--labels', 'jets/y'];
    expect(readOptions(named)).toMatchObject({ data: { kind: 'hdf5', images: 'jets/x', labels: 'jets/y' } });
    expect(readOptions(['--data', 'npz', 'a.npz', '--images', 'a', '--labels', 'b'])).toMatchObject({
      data: { kind: 'npz', images: 'a', labels: 'b' },
    });
    const table = ['--data', 'csv', 'a.csv', '--shape', '16x24', '--label', 'first', '--header-lines', '2'];
    expect(readOptions([...table, '--separator', 'tab'])).toMatchObject({
      data: { kind: 'csv', path: 'a.csv', shape: [16, 24, 1], label: 'first', separator: '\t', headerLines: 2 },
    });
    expect(readOptions([...table, '--separator=;', '--channels', 'last']).command).toBe('all');
    expect(readOptions(['train', '--out', 'a', '--resume'])).toMatchObject({
      command: 'train',
      out: 'a',
      resume: true,
    });
    for (const [words, rtl] of [
      [['--rtl'], 5],
      [['--rtl=1', 'export'], 1],
      [['--rtl', '8', 'export'], 8],
      [['--rtl', '--seed', '2'], 5],
    ] as const) {
      expect(readOptions(words)).toMatchObject({ rtl });
    }
    expect(readOptions(['train', '--help'])).toEqual({ command: 'help' });
    expect(readOptions(['-h'])).toEqual({ command: 'help' });
  });

  it.each([
    [['--n', '0'], '--n 0: not a whole number from 1 to 4096; give one, e.g. --n 24'],
    [['--n', '2.5'], '--n 2.5: not a whole number'],
    [['--n', ''], '--n : not a whole number'],
    [['--epochs', '-1'], '--epochs -1: not a whole number from 1 to 100000'],
    [['--epochs', '--seed', '1'], '--epochs: its value is missing; write --epochs COUNT'],
    [['--epochs=-1'], '--epochs -1: not a whole number from 1 to 100000'],
    [['--threshold=-0.5'], '--threshold -0.5: not a number ≥ 0'],
    [['--threshold', 'NaN'], '--threshold NaN: not a number ≥ 0'],
    [['--seed', '1e99'], '--seed 1e99'],
    [['--engine', 'fusd'], '--engine fusd: no such engine; did you mean fused?; use auto, fused, tfjs'],
    [['--reuse-factor', '0'], '--reuse-factor 0: not a whole number from 1'],
    [['--parallelization-factor', 'x'], '--parallelization-factor x'],
    [['--epoch', '3'], '--epoch: unknown option; did you mean --epochs?; see sp-example --help'],
    [['--frobnicate'], '--frobnicate: unknown option; see sp-example --help'],
    [['-x'], '-x: unknown option'],
    [['--out'], '--out: its value is missing; write --out DIR'],
    [['--out', ''], "--out '': an empty name"],
    [['--n', '3', '--n', '4'], '--n: given twice'],
    [['tain'], "'tain': unknown command; did you mean train?; use all, train, export"],
    [['train', 'now'], "'now': one word too many after 'train'"],
    [['export', '--epochs', '5'], "--epochs 5: has no meaning for 'export', only for 'train' and 'all'; leave it out"],
    [['train', '--reuse-factor', '2'], "--reuse-factor 2: has no meaning for 'train', only for 'export'"],
    [['--rtl=0'], '--rtl 0: not a whole number from 1 to 64; give one, e.g. --rtl 5'],
    [['--rtl', '5x'], '--rtl 5x: not a whole number from 1 to 64'],
    [['--rtl', '--rtl=2'], '--rtl: given twice'],
    [['train', '--rtl'], "--rtl 5: has no meaning for 'train', only for 'export'"],
    [['export', '--resume'], "--resume: has no meaning for 'export'"],
    [['--resume=yes'], '--resume=yes: takes no value; write --resume --out DIR'],
    [['--resume', '--epochs', '5'], '--epochs 5: an interrupted training goes on with its own options; leave it out'],
    [['--resum'], '--resum: unknown option; did you mean --resume?'],
    [['--data', 'cifar'], '--data cifar: unknown kind of data'],
    [
      ['--channels', 'first'],
      '--channels first: has no meaning for --data digits, only for npz, hdf5, csv; leave it out',
    ],
    [['--data', 'npz', 'a.npz', '--shape', '8x8x1'], '--shape 8x8x1: has no meaning for --data npz, only for csv'],
    [['--data', 'mnist-idx', 'a', '--label', 'first'], '--label first: has no meaning for --data mnist-idx'],
    [['--data', 'npz', 'a.npz', '--channels', 'frst'], '--channels frst: write --channels first | last'],
    [['--data', 'csv', 'a.csv', '--shape', '8xx1'], '--shape 8xx1: write --shape HxWxC'],
    [['--data', 'csv', 'a.csv', '--shape', '0x8x1'], '--shape 0x8x1: write'],
    [['--data', 'csv', 'a.csv', '--label', '3'], '--label 3: write --label first | last'],
    [['--data', 'csv', 'a.csv', '--separator', ''], '--separator : write --separator TEXT'],
    [['--data', 'csv', 'a.csv', '--header-lines', '-1'], '--header-lines -1: write --header-lines COUNT'],
    [['--data', 'csv', 'a.csv', '--seperator', ';'], '--seperator: unknown option; did you mean --separator?'],
    [['--data', 'hdf5', 'a.h5', '--images', 'x'], '--images: give --images and --labels together'],
    [['export', '--channels', 'first'], "--channels first: has no meaning for 'export'"],
    [['--resume', '--channels', 'first'], '--channels first: an interrupted training goes on with its own options'],
    [['--data', 'npz'], '--data npz: the file is missing; write --data npz FILE'],
    [['--data', 'mnist-idx', '--n', '3'], '--data mnist-idx: the folder is missing'],
  ])('refuses %j', (words, message) => {
    expect(() => readOptions(words)).toThrow(message);
  });
});

describe('helpText', () => {
  it('explains every option, command and exit code', () => {
    const text = helpText();
    for (const name of [
      ...Object.keys(optionTexts).map((option) => `--${option}`),
      '--resume',
      '--rtl[=CLOCKS]',
      'all',
      'train',
      'export',
    ]) {
      expect(text).toContain(`  ${name} `);
    }
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(140);
  });
});
