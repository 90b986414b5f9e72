import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program: tests of processes run what users run. */
const main = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url));

/** A running `fuga`, its events as they come, and how it ended. */
export interface Fuga {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Ids of trials whose rows were acknowledged, in order. */
  readonly acknowledged: string[];
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

export interface Acknowledged {
  readonly event: string;
  readonly id: string;
}

/** Starts the program; `wrap` puts another in front of it, as ['sh', '-c', …]. */
export function fuga(args: readonly string[], wrap: readonly string[] = []): Fuga {
  if (!existsSync(main)) throw new Error(`the program is not built: ${main} (pnpm build)`);
  const [command, ...rest] = [...wrap, process.execPath, main, ...args];
  const child = spawn(command!, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const acknowledged: string[] = [];
  let [stdout, stderr, line] = ['', '', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    line += chunk.toString();
    const lines = line.split('\n');
    line = lines.pop()!;
    for (const each of lines) {
      if (!each.startsWith('{"event":"done"')) continue;
      acknowledged.push((JSON.parse(each) as Acknowledged).id);
    }
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  return { child, pid: child.pid!, acknowledged, ended };
}

/** A small sweep that trains on real digits: `trials` trials of `steps` steps. */
export async function writeSweep(folder: string, trials: number, steps: number): Promise<string> {
  const path = join(folder, 'small.sweep.yaml');
  await writeFile(
    path,
    `fugaSweep: 1
name: small
base:
  fuga: 1
  data: { source: digits, batch: 32 }
  model: { type: mlp, width: 24, depth: 2 }
  optimizer: { type: adam, lr: 0.003 }
  steps: ${steps}
axes:
  model.activation: [tanh, relu]
  seed: { from: 1, to: ${trials / 2} }
`,
  );
  return path;
}

/** The journal's finished trials: ids in order, as often as they are there. */
export async function journalIds(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, 'journal.jsonl'), 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return [...whole.matchAll(/^\{"crc":"\w+","kind":"done","index":\d+,"id":"(\w+)"/gm)].map(
    (match) => match[1]!,
  );
}

export function results(folder: string): Promise<string> {
  return readFile(join(folder, 'results.csv'), 'utf8');
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
