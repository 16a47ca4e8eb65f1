/** What a release says of each package, and when it refuses. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addressTrouble, tarballTroubles, withAddresses } from '../scripts/release/manifest.mjs';

const root = join(import.meta.dirname, '..');
const whole = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/index.js', 'dist/index.d.ts'];

it('addresses follow from the one of the repository, and there are none while it is not decided', () => {
  const manifest = { name: '@sp/quant', version: '0.1.0' };
  expect(withAddresses(manifest, '', 'packages/quant')).toEqual(manifest);
  expect(withAddresses(manifest, 'https://host/owner/name', 'packages/quant')).toEqual({
    ...manifest,
    homepage: 'https://host/owner/name/tree/main/packages/quant#readme',
    bugs: 'https://host/owner/name/issues',
    repository: { type: 'git', url: 'git+https://host/owner/name.git', directory: 'packages/quant' },
  });
});

it('an address that is none, or not decided, is said', () => {
  expect(addressTrouble('https://host/owner/name')).toBeUndefined();
  expect(addressTrouble('')).toContain('not decided');
  for (const wrong of ['host/owner/name', 'git@host:owner/name', 'https://host/owner', 'https://host/owner/name.git'])
    expect(addressTrouble(wrong)).toContain(`'${wrong}'`);
});

it('a tarball holds what it must, and neither tests nor source maps nor ranges of the workspace', () => {
  expect(tarballTroubles(whole, {})).toEqual([]);
  expect(tarballTroubles(whole.slice(1), {})).toEqual(['package.json is missing']);
  expect(tarballTroubles([...whole, 'dist/a.js.map', 'dist/a.test.js'], {})).toHaveLength(2);
  expect(tarballTroubles(whole, { dependencies: { '@sp/quant': 'workspace:^' } })).toHaveLength(1);
});

const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).config;
it.runIf(repository === '')('nothing is published without an address', () => {
  const run = spawnSync('node', ['scripts/release.mjs', '--publish'], { cwd: root, encoding: 'utf8' });
  expect(run.status).toBe(1);
  expect(run.stderr).toContain('not decided');
});
