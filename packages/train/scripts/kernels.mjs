/**
 * Compiles the engine's kernels to WebAssembly: `assets/kernels.js`, a module with two builds, one for a memory of its
 * own and one for a memory that threads share.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '..');
const numeric = join(root, '..', 'quant', 'src', 'numeric', 'reals.ts');
const sources = ['assembly/prelude.ts', 'src/engine/kernels/index.ts'];
const common = [
  '--optimizeLevel',
  '3',
  '--shrinkLevel',
  '0',
  '--runtime',
  'stub',
  '--noAssert',
  '--importMemory',
  '--enable',
  'simd',
];
const shared = ['--sharedMemory', '--enable', 'threads', '--initialMemory', '16', '--maximumMemory', '65536'];

/** The binary, base64. */
async function compile(options) {
  let binary;
  const { error, stderr } = await asc.main([...sources, '--baseDir', root, '--outFile', 'kernels.wasm', ...options], {
    // TypeScript imports name the file, AssemblyScript adds the ending. What the packages share is one file of @sp/quant.
    readFile: (name, base) => {
      try {
        if (name.endsWith('@sp/quant/numeric.ts')) return readFileSync(numeric, 'utf8');
        const path = name.replace(/\.ts\.ts$/, '.ts').replace('src/engine/kernels/vector.ts', 'assembly/vector.ts');
        return readFileSync(join(base, path), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (_name, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`kernels: ${error.message}\n${stderr.toString()}`);
  return Buffer.from(binary).toString('base64');
}

const target = join(root, 'assets', 'kernels.js');
const own = await compile(common);
const threaded = await compile([...common, ...shared]);
writeFileSync(
  `${target}.new`,
  `// The kernels of src/engine/kernels as WebAssembly, base64; made by scripts/kernels.mjs.\nexport const own = '${own}';\nexport const shared = '${threaded}';\n`,
);
renameSync(`${target}.new`, target);
