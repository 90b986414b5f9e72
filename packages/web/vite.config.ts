import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { offline } from './offline/plugin.js';
import { dataFiles } from './vite.dataFiles.js';
import { shownWords } from './vite.shownWords.js';

/** The development server injects inline styles and a socket, which the page's policy forbids on purpose. */
const policyInBuildsOnly: Plugin = {
  name: 'policy-in-builds-only',
  apply: 'serve',
  transformIndexHtml: (html, { server }) =>
    server ? html.replace(/<meta http-equiv="Content[^>]*>/, '') : html,
};

/** Every browser that runs the lab reads woff2: KaTeX's older font files stay out of the build. */
const modernFontsOnly: Plugin = {
  name: 'modern-fonts-only',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('katex.min.css')
      ? code.replaceAll(/,url\([^)]*\.(?:woff|ttf)\) format\("[^"]*"\)/g, '')
      : undefined,
};

/**
 * The letters are asked for with the page, not when the first style that names them was read: text is never drawn in
 * others, where they come within a tenth of a second (`font-display: optional`).
 */
const lettersFirst: Plugin = {
  name: 'letters-first',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((name) => /inter-(?:latin-wght|superscripts)[^/]*\.woff2$/.test(name))
        .map((name) => ({
          tag: 'link',
          attrs: { rel: 'preload', href: `./${name}`, as: 'font', type: 'font/woff2', crossorigin: true },
          injectTo: 'head-prepend' as const,
        })),
  },
};

export default defineConfig({
  base: './', // works from any path on any static host
  plugins: [
    svelte(),
    dataFiles(),
    shownWords(),
    modernFontsOnly,
    lettersFirst,
    policyInBuildsOnly,
    offline(),
  ],
  resolve: { conditions: ['@fuga/source', 'module', 'browser', 'development|production'] },
  worker: { format: 'es', plugins: () => [dataFiles(), shownWords()] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // a WebAssembly file inlined as a data: URL would be refused by the policy
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
});
