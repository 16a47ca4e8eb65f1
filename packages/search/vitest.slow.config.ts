import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** Tests that take minutes or need a Redis server. */
const config: ViteUserConfig = shared(['test/**/*.test.ts'], { compiles: true });
export default config;
