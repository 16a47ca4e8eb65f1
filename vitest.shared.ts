import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['@sp/source', 'module', 'node', 'import', 'default'];

/** Common vitest settings: other packages are read from their live sources, so no test waits for a build. */
export function shared(include: string[] = ['src/**/*.test.ts']): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      include,
      setupFiles: [fileURLToPath(new URL('vitest.setup.ts', import.meta.url))],
      testTimeout: 300_000,
      hookTimeout: 300_000,
      passWithNoTests: false,
      pool: 'forks',
      maxWorkers: 2,
      // Files share a process: loading tfjs once instead of once per file is most of the time of a run.
      isolate: false,
    },
  });
}
