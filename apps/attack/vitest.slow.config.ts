import { mergeConfig, type ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** The attack: files, kills, disks and rivals. */
const config: ViteUserConfig = mergeConfig(shared(['test/**/*.test.ts']), {
  // Hundreds of kills take minutes on a busy machine; each has limits of its own.
  test: { testTimeout: 7_200_000, hookTimeout: 7_200_000 },
});
export default config;
