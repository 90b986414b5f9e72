// `pnpm start`: builds what is stale, diagnoses the example, and, in a terminal, serves the lab.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const fuga = join(root, 'packages', 'cli', 'dist', 'main.js');

// Nobody is told anything about this machine.
process.env.TURBO_TELEMETRY_DISABLED = '1';

/** Runs a command with this terminal; resolves to its exit code. */
function run(command, args, stdio = 'inherit') {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

// Build talk goes to stderr: stdout carries the diagnosis alone.
const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
const built = await run(
  process.execPath,
  [turbo, 'run', 'build', '--output-logs=errors-only'],
  ['ignore', 2, 2],
);
if (built !== 0) process.exit(built);

const diagnosed = await run(process.execPath, [fuga, 'diagnose', 'examples/deep-sigmoid.fuga.yaml']);
// 4 means that a disease was found, which is what the example is for.
if (diagnosed !== 0 && diagnosed !== 4) process.exit(diagnosed);
if (process.stdout.isTTY)
  process.exit(await run(process.execPath, [fuga, 'lab', 'examples/deep-sigmoid.fuga.yaml']));
