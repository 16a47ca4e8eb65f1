// What `npm test` skips on this machine, and how to get it.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Tools that tests use where they are: any of the programs will do, or what an environment variable names. */
const tools = [
  {
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    variable: 'SP_CHROMIUM',
    tests: 'tests in a browser (engine, figures, reports, content security policy)',
    remedy: 'apt-get install chromium, or set SP_CHROMIUM to a Chromium',
  },
  {
    programs: ['g++', 'clang++'],
    variable: 'CXX',
    tests: 'what compiled firmware computes (without a C++17 compiler these tests fail)',
    remedy: 'apt-get install g++, or set CXX to a compiler',
  },
  {
    programs: ['iverilog'],
    tests: 'what emitted Verilog computes',
    remedy: 'apt-get install iverilog',
  },
  {
    programs: ['clang++'],
    tests: 'that unrolled firmware divides by nothing that changes',
    remedy: 'apt-get install clang',
  },
  {
    programs: ['python3'],
    tests: "the firmware's shared library from Python",
    remedy: 'apt-get install python3',
  },
  { programs: ['tclsh'], tests: 'the script for the synthesis tools', remedy: 'apt-get install tcl' },
  { programs: ['make'], tests: "the firmware's Makefile", remedy: 'apt-get install make' },
  { programs: ['cmake'], tests: "the firmware's CMakeLists.txt", remedy: 'apt-get install cmake' },
  { programs: ['redis-server'], tests: 'studies over Redis', remedy: 'apt-get install redis-server' },
];

/** Recorded numbers of the references, beside the repository. */
const golden = {
  path: join('..', 'shared', 'golden'),
  tests: "comparisons with the references' recorded numbers",
  remedy: 'they lie beside the repository, where they are',
};

/** One line for each kind of test that was skipped; none if all have run. */
export function skippedTests(root, environment = process.env) {
  const lines = [];
  for (const { programs, variable, tests, remedy } of tools) {
    const named = environment[variable] ?? '';
    if (existsSync(named) || [named, ...programs].some((name) => name !== '' && isInstalled(name, environment)))
      continue;
    lines.push(`skipped: ${tests}: no ${programs[0]} here; ${remedy}`);
  }
  if (!existsSync(join(root, golden.path))) {
    lines.push(`skipped: ${golden.tests}: no ${golden.path} here; ${golden.remedy}`);
  }
  return lines;
}

function isInstalled(name, { PATH = '' }) {
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
