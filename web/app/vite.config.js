import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

import { licenses } from '../charts/licenses.js';

// Modules and style sheets of their own, no inline script and no inline style: the page works under a strict content security policy.
export default defineConfig({
  plugins: [svelte({ compilerOptions: { css: 'external' } }), licenses()],
  // Drawings are shared with the reports' charts, which lie beside this package and have packages of their own, or none.
  resolve: { preserveSymlinks: true, dedupe: ['vega', 'vega-lite', 'vega-interpreter'] },
  build: {
    target: 'es2022',
    emptyOutDir: true,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
});
