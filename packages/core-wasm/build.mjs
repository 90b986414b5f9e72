// Compiles assembly/index.ts into build/relaxed.wasm and build/simd.wasm.
//
// Both targets are compiled in one process: starting asc costs several times more than a compilation.
// `--bindings raw` is asked for its .d.ts only: src/index.ts takes the types of all kernels from it.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import asc from 'assemblyscript/asc';

process.chdir(dirname(fileURLToPath(import.meta.url)));
mkdirSync('build', { recursive: true });

const common = [
  'assembly/index.ts',
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '--maximumMemory',
  '65536',
];
const targets = {
  simd: ['--bindings', 'raw'],
  relaxed: ['--enable', 'relaxed-simd'],
};

for (const [name, options] of Object.entries(targets)) {
  const file = `build/${name}.wasm`;
  const { error, stderr } = await asc.main([...common, ...options, '--outFile', file]);
  if (error) {
    console.error(stderr.toString() || error.message);
    process.exit(1);
  }
  const bytes = readFileSync(file);
  console.log(`${file}  ${bytes.length} bytes, ${gzipSync(bytes).length} gzipped`);
}
rmSync('build/simd.js', { force: true }); // the loader is src/index.ts
