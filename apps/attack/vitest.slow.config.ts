import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** The attack: files, kills, disks and rivals. */
const config: ViteUserConfig = shared(['test/**/*.test.ts']);
export default config;
