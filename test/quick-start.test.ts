/** "Getting started" and the tutorial, taken from the pages as they are rendered, on a machine with Node, npm and a C++ compiler. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programs, shellLines } from './rendered-lines.ts';

const root = join(import.meta.dirname, '..');
const project = join(mkdtempSync(join(tmpdir(), 'sp-quick-start-')), 'my-network');
const parts: readonly (readonly [string, RegExp])[] = [
  ['1-data', /^above 0\.2: 33 pixels in half of the images, \d+ at most$/m],
  ['2-network', /^\d{7} for the 48 of the list$/m],
  ['3-train', /^20: loss [\d.]+, right 0\.[89]\d+, of the held out 0\.[89]\d+$/m],
  ['4-cost', /^test accuracy [89]\d\.\d %$/m],
  ['5-integers', /^dense2\.dense \*/m],
  ['6-firmware', /^0 errors/m],
  ['7-proof', /^mismatching codes 0$/m],
  ['8-board', /^build_prj\.tcl$[\s\S]*vitis_hls -f build_prj\.tcl/m],
];
let lines: readonly string[];
let tutorial: string;

/** What is used of VitePress. */
interface Markdown {
  createMarkdownRenderer(folder: string): Promise<{ render(text: string): string }>;
}

beforeAll(async () => {
  const vitepress = join(root, 'docs/node_modules/vitepress/dist/node/index.js');
  const { createMarkdownRenderer } = (await import(pathToFileURL(vitepress).href)) as Markdown;
  const page = await createMarkdownRenderer(join(root, 'docs'));
  const rendered = (name: string): string => page.render(readFileSync(join(root, 'docs', name), 'utf8'));
  lines = shellLines(rendered('getting-started.md'), '../my-network');
  tutorial = rendered('tutorial.md');
});

afterAll(() => rmSync(dirname(project), { recursive: true, force: true }));

describe('getting started', () => {
  it('needs four lines', () => {
    expect(lines).toHaveLength(4);
  });

  it('ends with a trained model and firmware that computes the same', () => {
    const typed = lines.join('\n').replaceAll('../my-network', project);
    const output = execFileSync('bash', ['-ec', typed], { cwd: root, env: cleanEnvironment(), encoding: 'utf8' });
    expect(output).toMatch(/^validation accuracy +(?:[89]\d\.\d|100\.0) %$/m);
    expect(output).toMatch(/^check +0 errors/m);
    expect(output).toMatch(/^mismatching codes +0$/m);
    expect(readdirSync(join(project, 'model'))).toContain('model.json');
    expect(readdirSync(join(project, 'firmware'))).toContain('build_lib.sh');
  });

  it('type-checks when it is renamed to TypeScript', () => {
    cpSync(join(project, 'main.js'), join(project, 'main.ts'));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--module', 'nodenext'];
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    execFileSync(join(root, 'node_modules/.bin/tsc'), [...options, ...types, 'main.ts'], {
      cwd: project,
      stdio: 'pipe',
    });
  });
});

describe('the tutorial', () => {
  it('begins with the folder of getting started', () => {
    expect(shellLines(tutorial, 'npm run create').map((line) => line.replace(/ +#.*/, ''))).toEqual(
      lines.slice(0, 3).map((line) => line.replace(/ +#.*/, '')),
    );
  });

  it('has all its programs saved', () => {
    const files = programs(tutorial);
    expect([...files.keys()].filter((name) => /^\d/.test(name))).toHaveLength(parts.length);
    for (const [name, text] of files) writeFileSync(join(project, name), text);
  });

  it.each(parts)('%s says %s', (name, expected) => {
    const [line, ...more] = shellLines(tutorial, `node ${name}.js`);
    expect(more).toEqual([]);
    const output = execFileSync('bash', ['-ec', line ?? ''], {
      cwd: project,
      env: cleanEnvironment(),
      encoding: 'utf8',
    });
    expect(output).toMatch(expected);
  });
});

/** Nothing of the checkout's: programs of the system and Node's own, and no settings that npm or vitest have left. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|TURBO|INIT_CWD|PATH$)/.test(name));
  const path = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
  return { ...Object.fromEntries(own), PATH: path, SP_BUILT: 'yes' };
}
