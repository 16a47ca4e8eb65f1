import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['@sp/source', 'module', 'node', 'import', 'default'];

/**
 * How long a test or hook may take, in milliseconds: what does not end, ends here. No test has a limit of its own, so that none
 * fails because a machine is slow or busy.
 */
export const limit = 14_400_000;

/**
 * Common vitest settings: other packages are read from their live sources, so no test waits for a build.
 *
 * `compiles`: tests start C++ compilers. Two tasks run at a time for every two cores (`scripts/run.mjs`), and then so many
 * compilers as cores.
 */
export function shared(
  include: string[] = ['src/**/*.test.ts'],
  { compiles = false }: { readonly compiles?: boolean } = {},
): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      include,
      setupFiles: [fileURLToPath(new URL('vitest.setup.ts', import.meta.url))],
      testTimeout: limit,
      hookTimeout: limit,
      passWithNoTests: false,
      pool: 'forks',
      maxWorkers: compiles ? Math.max(1, Math.floor(availableParallelism() / 2)) : 2,
      // Files share a process: loading tfjs once instead of once per file is most of the time of a run.
      isolate: false,
    },
  });
}
