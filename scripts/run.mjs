// Root commands. They work on a bare machine: pnpm comes pinned through npx the first time, everything else from the lockfile.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createProject } from './create-project.mjs';
import { skippedTests } from './skipped-tests.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');
const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};

const commands = { start, test, bench, conformance, attack, studio, docs, release, build, create };
const [command, ...rest] = process.argv.slice(2);
if (!(command in commands)) fail(`unknown command '${command}'; one of: ${Object.keys(commands).join(', ')}`);
process.exitCode = await commands[command](rest);

/** The example, end to end; other words after `npm start --` are handed to its command line. */
function start(args) {
  build();
  return runStoppable('node', ['apps/example/dist/cli.js', ...(args.length > 0 ? args : ['all'])]);
}

function test(args) {
  install();
  const tasks = ['build', 'typecheck', 'lint:package', 'lint:repo', 'test:unit', 'test:slow', 'test:packed', 'docs'];
  // As many tasks as cores: some of them start compilers, one at a time on each core (vitest.shared.ts). On a machine with other work more are faster.
  const concurrency = args.some((arg) => arg.startsWith('--concurrency')) ? [] : ['--concurrency=100%'];
  const status = turbo([...tasks, ...concurrency, ...args]);
  for (const line of skippedTests(root)) process.stderr.write(`${line}\n`);
  return status;
}

function bench(args) {
  build();
  return run('node', ['--expose-gc', 'apps/example/dist/bench/cli.js', ...args]);
}

function conformance(args) {
  build();
  return run('node', ['apps/conformance/dist/cli.js', ...args]);
}

/** Damaged files, kills, full disks, rivals and hostile programs, as a table: `--seed S`, `--json FILE`, `--short`. */
function attack(args) {
  const { values } = parseArgs({
    args,
    options: { seed: { type: 'string' }, json: { type: 'string' }, short: { type: 'boolean' } },
  });
  build();
  const folder = mkdtempSync(join(tmpdir(), 'sp-attack-report-'));
  const report = join(folder, 'attack.json');
  Object.assign(environment, { SP_ATTACK_JSON: report, SP_ATTACK: values.short ? 'short' : 'full' });
  if (values.seed !== undefined) environment.SP_ATTACK_SEED = values.seed;
  const status = run(join(bin, 'vitest'), ['run', '--config', 'vitest.slow.config.ts'], 'stderr', 'apps/attack');
  if (!existsSync(report)) fail('the attack has ended without a report (see above)');
  if (values.json !== undefined) cpSync(report, values.json);
  process.stdout.write(`${readJson(report).table}\n`);
  rmSync(folder, { recursive: true });
  return status;
}

/** The studio, on this machine: `npm run studio -- PORT`. */
function studio(args) {
  build();
  return runStoppable('node', ['apps/studio/scripts/serve.mjs', ...args]);
}

/** The documentation site, in docs/.vitepress/dist. */
function docs(args) {
  install();
  return turbo(['docs', ...args]);
}

/** What would be published, or with `--publish` is (scripts/release.mjs). */
function release(args) {
  install();
  return run('node', ['scripts/release.mjs', ...args]);
}

/** A new project with the packages of this checkout, built and packed: `npm run create -- ../my-network`. */
function create([folder, ...more]) {
  // npm starts scripts in the root; the folder is meant from where the user is.
  const target = folder === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', folder);
  if (more.length > 0) fail(`'${more[0]}': one word too many; name one folder`);
  build();
  const pack = (home, folder) => {
    const args = ['pack', '--json', '--pack-destination', folder];
    const { status, stdout, stderr } = spawnSync(join(bin, 'pnpm'), args, {
      cwd: home,
      env: environment,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`packing ${home} failed\n${stdout}${stderr}`);
    return JSON.parse(stdout).filename;
  };
  try {
    process.stdout.write(`${createProject(root, target, pack)}\n`);
    return 0;
  } catch (error) {
    fail(error.message);
  }
}

/** Installs and builds, speaking on standard error only: standard output belongs to the program that follows. */
function build() {
  // Tests have built already, and would get in each other's way.
  if (process.env.SP_BUILT === 'yes') return 0;
  install();
  const status = turbo(['build', '--output-logs=errors-only'], 'stderr');
  if (status !== 0) process.exit(status);
  return status;
}

function install() {
  const args = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'];
  const { packageManager } = readJson(join(root, 'package.json'));
  const local = join(root, 'node_modules', 'pnpm', 'package.json');
  const status =
    existsSync(local) && `pnpm@${readJson(local).version}` === packageManager
      ? run(join(bin, 'pnpm'), args, 'failure')
      : run('npx', ['--yes', packageManager, ...args], 'stderr');
  if (status !== 0) fail('installing the dependencies failed (see above)');
}

function turbo(args, output) {
  return run(join(bin, 'turbo'), ['run', ...args], output);
}

/** `output`: where the child's standard output goes: 'stdout', 'stderr', or shown on 'failure' only. */
function run(program, args, output = 'stdout', folder = '.') {
  const sinks = { stdout: ['inherit', 1, 2], stderr: ['inherit', 2, 2], failure: ['inherit', 'pipe', 'pipe'] };
  const child = spawnSync(program, args, {
    cwd: join(root, folder),
    env: environment,
    stdio: sinks[output],
    encoding: 'utf8',
  });
  if (child.error) fail(`cannot start ${program}: ${child.error.message}`);
  const status = child.status ?? 1;
  if (status !== 0 && output === 'failure') process.stderr.write(`${child.stdout}${child.stderr}`);
  return status;
}

/** Lets the program end by itself when it is stopped: it has something to save. A terminal's SIGINT reaches it anyway. */
function runStoppable(program, args) {
  const child = spawn(program, args, { cwd: root, env: environment, stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => {});
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`cannot start ${program}: ${error.message}`));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
