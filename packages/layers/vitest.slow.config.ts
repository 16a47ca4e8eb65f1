import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** Many random models. */
const config: ViteUserConfig = shared(['test/**/*.test.ts'], { compiles: true });
export default config;
