import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** Tests that compile C++. */
const config: ViteUserConfig = shared(['test/**/*.test.ts'], { compiles: true });
export default config;
