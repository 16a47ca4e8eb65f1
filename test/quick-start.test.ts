/** The lines of "Getting started", taken from the page as it is rendered, on a machine with Node, npm and a C++ compiler. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellLines } from './rendered-lines.ts';

const root = join(import.meta.dirname, '..');
const project = join(mkdtempSync(join(tmpdir(), 'sp-quick-start-')), 'my-network');
let lines: readonly string[];

/** What is used of VitePress. */
interface Markdown {
  createMarkdownRenderer(folder: string): Promise<{ render(text: string): string }>;
}

beforeAll(async () => {
  const vitepress = join(root, 'docs/node_modules/vitepress/dist/node/index.js');
  const { createMarkdownRenderer } = (await import(pathToFileURL(vitepress).href)) as Markdown;
  const page = await createMarkdownRenderer(join(root, 'docs'));
  const text = readFileSync(join(root, 'docs/getting-started.md'), 'utf8');
  lines = shellLines(page.render(text), '../my-network');
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

/** Nothing of the checkout's: programs of the system and Node's own, and no settings that npm or vitest have left. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|TURBO|INIT_CWD|PATH$)/.test(name));
  const path = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
  return { ...Object.fromEntries(own), PATH: path, SP_BUILT: 'yes' };
}
