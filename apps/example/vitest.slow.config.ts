import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** Tests that start the built program. */
const config: ViteUserConfig = shared(['test/**/*.test.ts'], { compiles: true });
export default config;
