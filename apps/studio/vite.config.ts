import { defineConfig, type Plugin } from 'vite';
import { serviceWorker } from './scripts/service-worker.ts';

/** What the packages import only where there is Node: its modules, and builds of others for it. */
const node = /^node:|^h5wasm\/node$/;

/** The service worker with the list of what it keeps. */
function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    generateBundle(_, bundle) {
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: serviceWorker(Object.keys(bundle)) });
    },
  };
}

export default defineConfig({
  // Works in any folder of any host.
  base: './',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 6000,
    rollupOptions: { external: node },
  },
  worker: { format: 'es', rollupOptions: { external: node } },
  plugins: [offline()],
});
