import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** Tests that need a C++ compiler. */
const config: ViteUserConfig = shared(['test/**/*.test.ts'], { compiles: true });
export default config;
