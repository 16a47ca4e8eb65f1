// Root commands. They work on a bare machine: pnpm comes pinned through npx, everything else from the lockfile.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const environment = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };

/** Commands whose standard output belongs to the program they start: set-up speaks on standard error there. */
const [command, ...rest] = process.argv.slice(2);
const steps = { start, test, bench, conformance, build };
if (!(command in steps)) fail(`unknown command '${command}'; one of: ${Object.keys(steps).join(', ')}`);
process.exitCode = await steps[command](rest);

function start(args) {
  prepare();
  return run('node', ['apps/example/dist/cli.js', ...(args.length > 0 ? args : ['all'])]);
}

function test(args) {
  install();
  return turbo(['build', 'typecheck', 'lint:package', 'lint:repo', 'test:unit', 'test:slow', 'test:packed', ...args]);
}

function bench(args) {
  prepare();
  return run('node', ['--expose-gc', 'apps/example/dist/bench/cli.js', ...args]);
}

function conformance(args) {
  prepare();
  return run('node', ['apps/conformance/dist/cli.js', ...args]);
}

function build() {
  return prepare();
}

function prepare() {
  install();
  const status = turbo(['build', '--output-logs=errors-only'], { quiet: true });
  if (status !== 0) process.exit(status);
  return 0;
}

function install() {
  const status = run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'], {
    quiet: existsSync(join(root, 'node_modules', '.modules.yaml')) ? 'silent' : true,
  });
  if (status !== 0) fail('installing the dependencies failed (see above)');
}

function turbo(args, options = {}) {
  mkdirSync(join(root, '.turbo'), { recursive: true });
  return run(join(root, 'node_modules', '.bin', 'turbo'), ['run', ...args], options);
}

/** `quiet: true` sends the child's output to standard error, 'silent' shows it only when the child fails. */
function run(program, args, { quiet = false } = {}) {
  const stdio = quiet === 'silent' ? ['inherit', 'pipe', 'pipe'] : ['inherit', quiet ? 2 : 1, 2];
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd: process.cwd() === root ? root : process.cwd(), env: environment, stdio });
  if (error) fail(`cannot start ${program}: ${error.message}`);
  if (status !== 0 && quiet === 'silent') process.stderr.write(`${stdout}${stderr}`);
  return status ?? 1;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
