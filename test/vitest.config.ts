import { defineConfig } from 'vitest/config';
import { limit } from '../vitest.shared.ts';

export default defineConfig({
  test: { root: import.meta.dirname, include: ['**/*.test.ts'], testTimeout: limit, hookTimeout: limit },
});
