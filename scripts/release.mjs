#!/usr/bin/env node
// Versions, changelogs, tarballs, and, with --publish, the registry. All of it happens in a clone: the working tree stays as it is until everything has worked.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { addressTrouble, tarballTroubles, withAddresses } from './release/manifest.mjs';

const root = join(import.meta.dirname, '..');
const usage = `npm run release [-- --out FOLDER] [--publish]

What is committed, as it would be published: versions and changelogs from .changeset, a build, one tarball per package, their files checked, and
what 'npm publish' would send (--dry-run). Nothing of the working tree changes.

  --out FOLDER  keeps the tarballs there
  --publish     publishes, commits versions and changelogs, and tags; in a workflow, which can vouch for where the packages
                come from (.github/workflows/release.yml). Needs config.repository of the root package.json.
`;

class ReleaseError extends Error {}

const { values } = parse();
try {
  if (values.help) process.stdout.write(usage);
  else release(values);
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  note(error.message);
  process.exitCode = 1;
}

function release({ out, publish = false }) {
  const { repository = '' } = readJson(join(root, 'package.json')).config;
  const trouble = addressTrouble(repository);
  if (trouble !== undefined && (publish || repository !== '')) fail(trouble);
  const dirty = sh(root, 'git', 'status', '--porcelain') !== '';
  if (dirty && publish) fail('there are changes that are not committed; commit them, or put them away');
  if (dirty) note('what is not committed is not in it');
  if (publish && !process.env.GITHUB_ACTIONS && !process.env.GITLAB_CI)
    fail('packages are published with a statement of where they were built, which only a workflow can give');

  const home = mkdtempSync(join(tmpdir(), 'sp-release-'));
  try {
    const clone = join(home, 'clone');
    sh(home, 'git', 'clone', '--quiet', '--shared', root, clone);
    step('versions and changelogs');
    install(clone);
    sh(clone, 'changeset', 'version');
    if (repository !== '')
      for (const [folder, manifest] of packages(clone)) {
        const text = JSON.stringify(withAddresses(manifest, repository, `packages/${folder}`), null, 2);
        writeFileSync(join(clone, 'packages', folder, 'package.json'), `${text}\n`);
      }
    install(clone, ['--no-frozen-lockfile']);
    step('build');
    sh(clone, 'turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only');
    step('tarballs');
    const folder = out === undefined ? join(home, 'tarballs') : resolve(out);
    mkdirSync(folder, { recursive: true });
    const packed = packages(clone).map(([name]) => pack(join(clone, 'packages', name), folder));
    const troubles = packed.flatMap(({ name, troubles }) => troubles.map((text) => `${name}: ${text}`));
    if (troubles.length > 0) fail(troubles.join('\n'));
    // What may fail comes before what cannot be taken back.
    if (publish) commit(clone, packed);
    step(publish ? 'publish' : 'publish --dry-run');
    for (const { name, version, tarball } of packed) {
      if (publish && published(name, version)) note(`${name} ${version} is on the registry already`);
      else sh(home, 'npm', 'publish', tarball, ...(publish ? [] : ['--dry-run', '--provenance=false']));
    }
    if (publish) sh(root, 'git', 'pull', '--quiet', '--ff-only', '--tags', clone, 'HEAD');
    console.table(
      Object.fromEntries(
        packed.map(({ name, version, files, bytes, changes }) => [
          name,
          { version, files, kB: Math.round(bytes / 1e3), changes },
        ]),
      ),
    );
    if (out !== undefined) note(`tarballs in ${folder}`);
    note(
      publish
        ? 'committed and tagged; git push --follow-tags sends it'
        : (trouble ?? 'nothing was published; --publish does it'),
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Packs one package, and says what is in it. */
function pack(folder, out) {
  const { name, version, filename, files } = JSON.parse(
    sh(folder, 'pnpm', 'pack', '--json', '--pack-destination', out),
  );
  const manifest = JSON.parse(sh(folder, 'tar', '-xzOf', filename, 'package/package.json'));
  const log = readFileSync(join(folder, 'CHANGELOG.md'), { encoding: 'utf8', flag: 'a+' });
  const newest = log.split(/^## /m)[1] ?? '';
  const paths = files.map(({ path }) => path);
  return {
    name,
    version,
    tarball: filename,
    files: paths.length,
    bytes: readFileSync(filename).byteLength,
    changes: `${newest.trim().split('\n').length - 1} lines`,
    troubles: [
      ...tarballTroubles(paths, manifest),
      ...(newest.startsWith(version) ? [] : [`CHANGELOG.md has no entry for ${version}`]),
    ],
  };
}

/** Versions and changelogs become a commit, with a tag per package. */
function commit(clone, packed) {
  sh(clone, 'git', 'add', '--all');
  sh(
    clone,
    'git',
    'commit',
    '--quiet',
    '--message',
    `Release ${packed.map(({ name, version }) => `${name} ${version}`).join(', ')}`,
  );
  for (const { name, version } of packed) sh(clone, 'git', 'tag', `${name}@${version}`);
}

function published(name, version) {
  try {
    return sh(root, 'npm', 'view', `${name}@${version}`, 'version').trim() === version;
  } catch {
    return false;
  }
}

/** Folder and manifest of each package, in the order of their names. */
function packages(clone) {
  return readdirSync(join(clone, 'packages')).map((folder) => [
    folder,
    readJson(join(clone, 'packages', folder, 'package.json')),
  ]);
}

function install(clone, args = ['--frozen-lockfile']) {
  sh(clone, 'pnpm', 'install', '--prefer-offline', ...args);
}

/** Runs a program and returns what it prints; what failed, is said with its output. */
function sh(cwd, program, ...args) {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  try {
    return execFileSync(program, args, {
      cwd,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1e8,
    });
  } catch (error) {
    return fail(`${program} ${args.join(' ')} failed\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
  }
}

function parse() {
  try {
    return parseArgs({
      options: { out: { type: 'string' }, publish: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function step(text) {
  process.stderr.write(`${text} …\n`);
}

function note(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  throw new ReleaseError(text);
}
