/**
 * What a user gets: the five tarballs, installed into an empty project, typecheck and run every code block
 * of the packages' READMEs, of the front page and of the documentation.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tsBlocks } from './readme-blocks.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
const packages = readdirSync(join(root, 'packages'));
const readmes = [
  'README.md',
  ...packages.map((name) => `packages/${name}/README.md`),
  ...['docs', 'docs/guides'].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((file) => (file.endsWith('.md') ? [`${folder}/${file}`] : [])),
  ),
];
const blocks = readmes.flatMap((file) =>
  tsBlocks(readFileSync(join(root, file), 'utf8')).map((text, at) => ({
    title: `${file}, block ${at + 1}`,
    module: `${file.replace(/[^a-z]+/gi, '-')}-${at + 1}`.toLowerCase(),
    text,
  })),
);

let project: string;

function sh(cwd: string, program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')} failed\n${stdout}\n${stderr}`, { cause: error });
  }
}

function catalog(name: string): string {
  const text = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const version = new RegExp(`^ {2}"?${name.replace('/', '\\/')}"?: (\\S+)$`, 'm').exec(text)?.[1];
  if (version == null) throw new Error(`${name} is not in the catalog of pnpm-workspace.yaml`);
  return version;
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'sp-packed-'));
  const tarballs = Object.fromEntries(
    packages.map((name) => {
      const [{ filename }] = [
        JSON.parse(sh(join(root, 'packages', name), 'pnpm', 'pack', '--json', '--pack-destination', project)),
      ];
      return [`@sp/${name}`, `file:${filename}`];
    }),
  );
  const dependencies = Object.fromEntries(
    ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm', 'h5wasm', 'typescript', '@types/node'].map((name) => [
      name,
      catalog(name),
    ]),
  );
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      type: 'module',
      private: true,
      dependencies: { ...dependencies, ...tarballs },
      pnpm: { overrides: tarballs },
    }),
  );
  mkdirSync(join(project, 'src'));
  // The guides on Keras and HGQ2 read them.
  cpSync(join(root, 'packages/layers/test/fixtures/parity_readme.keras'), join(project, 'trained.keras'));
  cpSync(join(root, 'packages/layers/test/fixtures/hgq2_readme.keras'), join(project, 'hgq2_readme.keras'));
  for (const { module, text } of blocks) writeFileSync(join(project, 'src', `${module}.ts`), `${text}\nexport {};\n`);
  writeFileSync(
    join(project, 'src', 'every-package.ts'),
    packages.map((name) => `export * as ${name} from '@sp/${name}';`).join('\n'),
  );
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        lib: ['es2023', 'dom'],
        module: 'nodenext',
        strict: true,
        skipLibCheck: true,
        types: ['node'],
        outDir: 'out',
        rootDir: 'src',
      },
      include: ['src'],
    }),
  );
  sh(project, 'pnpm', 'install', '--prefer-offline', '--ignore-workspace');
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the packed packages in an empty project', () => {
  it('typecheck, with every code block of the READMEs', () => {
    expect(sh(project, join(bin, 'tsc'), '-p', '.')).toBe('');
  });

  it('import', () => {
    sh(project, 'node', '--input-type=module', '-e', "await import('./out/every-package.js')");
  });

  it('ship no test and no workspace range', () => {
    for (const name of packages) {
      const home = join(project, 'node_modules', '@sp', name);
      expect(readFileSync(join(home, 'package.json'), 'utf8')).not.toContain('workspace:');
      const files = readdirSync(home, { recursive: true, encoding: 'utf8' });
      expect(files.filter((file) => /\.test\.|^test\//.test(file))).toEqual([]);
      expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']));
    }
  });

  it('have code blocks to run', () => {
    const programs = readmes.filter((file) => !/^docs\/[^/]*$/.test(file) && !file.endsWith('open-in-vitis.md'));
    for (const file of [...programs, 'docs/getting-started.md']) {
      expect(blocks.filter(({ title }) => title.startsWith(`${file},`)).length, file).toBeGreaterThan(0);
    }
  });

  it.each(blocks)('run $title', ({ module }) => {
    sh(project, 'node', `out/${module}.js`);
  });
});
