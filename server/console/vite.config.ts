import { defineConfig } from 'vite';

// Static files for the executable: no names that change with their content, since the server answers with an ETag;
// nothing inlined, since the page's policy forbids it.
export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    rollupOptions: {
      output: { entryFileNames: 'console.js', chunkFileNames: '[name].js', assetFileNames: '[name][extname]' }
    }
  }
});
