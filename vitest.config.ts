import { defineConfig } from 'vitest/config';

// Sibling packages are read as TypeScript source: no build between editing and testing. Only the kernels (asc),
// the lab and the command-line program are built before the tests run.
const source = {
  resolve: { conditions: ['@fuga/source'] },
  ssr: { resolve: { conditions: ['@fuga/source', 'module', 'node', 'development|production'] } },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['packages/{core-wasm,engine,cli}/src/**/*.test.ts', 'tests/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        ...source,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
