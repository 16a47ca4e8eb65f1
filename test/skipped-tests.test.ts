import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

function said(environment: Record<string, string>, beside: string): string[] {
  const script = `import { skippedTests } from ${JSON.stringify(pathToFileURL(join(root, 'scripts/skipped-tests.mjs')).href)};
    console.log(JSON.stringify(skippedTests(${JSON.stringify(beside)})));`;
  const args = ['--input-type=module', '-e', script];
  return JSON.parse(execFileSync(process.execPath, args, { env: environment, encoding: 'utf8' }));
}

it('says what is skipped on a bare machine and how to get it, and nothing where all is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sp-tools-'));
  try {
    const lines = said({ PATH: folder }, join(folder, 'repository'));
    expect(lines).toHaveLength(10);
    expect(lines[1]).toMatch(/^skipped: what compiled firmware computes .*no g\+\+ here; apt-get install g\+\+/);
    expect(lines[2]).toMatch(/^skipped: what emitted Verilog computes: no iverilog here; apt-get install iverilog/);
    expect(lines[3]).toMatch(/^skipped: that unrolled firmware .*no clang\+\+ here; apt-get install clang/);
    expect(lines[4]).toMatch(/^skipped: the firmware's shared library .*no python3 here; apt-get install python3/);
    expect(lines[0]).toMatch(/^skipped: tests in a browser .*no chromium here; apt-get install chromium/);
    writeFileSync(join(folder, 'chromium'), '');
    expect(said({ PATH: folder }, folder)).toEqual(lines);
    chmodSync(join(folder, 'chromium'), 0o755);
    expect(said({ PATH: folder }, folder)).toEqual(lines.slice(1));
    writeFileSync(join(folder, 'iverilog'), '', { mode: 0o755 });
    writeFileSync(join(folder, 'my-c++'), '', { mode: 0o755 });
    expect(said({ PATH: folder, CXX: 'my-c++' }, folder)).toEqual(lines.slice(3));
    expect(said({ PATH: '', SP_CHROMIUM: join(folder, 'chromium') }, folder)).toEqual(lines.slice(1));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
