import { join } from 'node:path';
import { defineConfig } from 'vite';

/** The tab's page, built into dist/tab by infra/build.ts and served by functions/triggers/api.ts. Nothing in it is fetched from anywhere else. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/api/tab/',
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: join(import.meta.dirname, '..', '..', '..', 'dist', 'tab'),
    emptyOutDir: true,
    // A font or picture in a data: URL would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    target: 'es2022',
  },
});
