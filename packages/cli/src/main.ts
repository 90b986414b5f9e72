#!/usr/bin/env node
import { CommanderError, Command } from 'commander';
import { readFileSync } from 'node:fs';
import { report } from './commandLine.js';
import { exitCodes } from './failure.js';

type Define = (program: Command) => unknown;

/** Every command: a file of its own, loaded when it is asked for (all of them for the overview). */
const commands: Readonly<Record<string, () => Promise<{ readonly default: Define }>>> = {
  diagnose: () => import('./commands/diagnose.js'),
  fix: () => import('./commands/fix.js'),
  compare: () => import('./commands/compare.js'),
  train: () => import('./commands/train.js'),
  describe: () => import('./commands/describe.js'),
  list: () => import('./commands/list.js'),
  lab: () => import('./commands/lab.js'),
  experiment: () => import('./commands/experiment.js'),
  sweep: () => import('./commands/sweep.js'),
  worker: () => import('./commands/worker.js'),
  merge: () => import('./commands/merge.js'),
  report: () => import('./commands/report.js'),
  export: () => import('./commands/export.js'),
  query: () => import('./commands/query.js'),
  data: () => import('./commands/data.js'),
};

const examples = `Examples:
  fuga diagnose net.fuga.yaml          where does the gradient die, and why?
  fuga fix net.fuga.yaml               which remedy cures it? proven over seeds
  fuga train net.fuga.yaml --out run   train it; keep weights, journal, trace
  fuga describe net.fuga.yaml          shapes, parameters, memory; runs nothing
  fuga list layers                     what a network can be made of
`;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

async function main(words: readonly string[]): Promise<void> {
  const program = new Command('fuga');
  program
    .description("Finds where a deep network's gradient dies, says why, and proves the cure.")
    .version(version, '-V, --version', 'print the version')
    .helpCommand(false)
    .addHelpText('beforeAll', '')
    .addHelpText('before', examples)
    .addHelpText(
      'after',
      '\nExit codes: 0 done and healthy, 1 failure, 2 wrong usage or input,\n3 some trials failed, 4 a disease was found or a law did not hold,\n130 interrupted.',
    )
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(text);
      },
    })
    .showHelpAfterError('(--help shows examples)');
  const asked = words.find((word) => !word.startsWith('-'));
  const only =
    asked !== undefined && Object.hasOwn(commands, asked) ? [commands[asked]!] : Object.values(commands);
  for (const load of only) (await load()).default(program);
  for (const command of program.commands)
    command.exitOverride().showHelpAfterError('(--help shows examples)');
  try {
    await program.parseAsync(words as string[], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
}

// `fuga list layers | head` closes our output early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCodes.done);
  throw error;
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = report(error, process.argv.includes('--debug'));
}
