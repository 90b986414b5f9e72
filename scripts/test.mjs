// `pnpm test`: builds, then runs every test once, the browser's too. Arguments go to vitest.
// `--report FILE` also writes the runner's own JSON report there.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const args = process.argv.slice(2);
const at = args.indexOf('--report');
const report = at >= 0 ? args.splice(at, 2)[1] : null;

// Nobody is told anything about this machine.
process.env.TURBO_TELEMETRY_DISABLED = '1';

try {
  process.env.CHROMIUM_PATH = ensureChromium();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const node = (script, ...rest) => {
  const { status } = spawnSync(process.execPath, [join(root, script), ...rest], {
    cwd: root,
    stdio: 'inherit',
  });
  return status ?? 1;
};

const built = node('node_modules/turbo/bin/turbo', 'run', 'build', '--output-logs=errors-only');
if (built !== 0) process.exit(built);
const reporters = report ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : [];
process.exit(node('node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args));
