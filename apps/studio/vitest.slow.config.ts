import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** Tests that open the built site in a browser, and compile firmware. */
const config: ViteUserConfig = shared(['test/**/*.test.ts'], { compiles: true });
export default config;
