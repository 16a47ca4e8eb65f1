import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = shared(['test/**/*.test.ts']);

export default config;
