/** @type {import('@sveltejs/vite-plugin-svelte').SvelteConfig} */
export default {
  compilerOptions: {
    runes: true,
    // Elements are made one by one, never through innerHTML: what Trusted Types ask for.
    fragments: 'tree',
  },
};
