import { defineConfig } from 'vite';

import { licenses } from './licenses.js';

// One classic script without imports: it is put between <script> tags of a page that must work from a file, offline.
export default defineConfig({
  plugins: [licenses()],
  build: {
    lib: { entry: 'src/main.js', formats: ['iife'], name: 'ArmisticeCharts', fileName: () => 'charts.js' },
    target: 'es2022',
    emptyOutDir: true,
    reportCompressedSize: false,
  },
});
