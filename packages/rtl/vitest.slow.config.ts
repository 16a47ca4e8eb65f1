import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** Tests that take minutes or need a Verilog simulator. */
const config: ViteUserConfig = shared(['test/**/*.test.ts'], { compiles: true });
export default config;
