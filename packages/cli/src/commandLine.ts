import { EngineError } from '@fuga/engine';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { exitCodes, Failure, failureAt } from './failure.js';
import type { Language } from './words/words.js';

/** Flags that every command that runs something understands. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
  readonly lang?: Language;
  readonly seed?: number;
  readonly steps?: number;
  readonly exact?: boolean;
  readonly progress?: 'auto' | 'json' | 'none';
  readonly debug?: boolean;
}

/** Adds the flags about how things are shown. */
export function withOutputFlags(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on standard output')
    .option('--quiet', 'no progress and no talk')
    .option('--no-color', 'no colours (as does NO_COLOR)')
    .addOption(new Option('--lang <language>', 'language of the words').choices(['en', 'pt-BR']))
    .addOption(new Option('--debug', 'show the stack of an error').hideHelp());
}

/** Adds the flags about how a spec is run. */
export function withRunFlags(command: Command): Command {
  return command
    .option('--seed <n>', 'another seed', wholeNumber(0))
    .option('--steps <n>', 'another number of steps', wholeNumber(1))
    .option('--exact', 'bit-reproducible kernels: the same numbers on every machine')
    .addOption(
      new Option('--progress <how>', 'progress on standard error; json: one event a line')
        .choices(['auto', 'json', 'none'])
        .default('auto'),
    );
}

/** Parses a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`expected a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** Parses a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number above 0.');
  return value;
}

/** The language asked for, else the locale's, else English. */
export function languageOf(
  flags: { readonly lang?: Language },
  env: NodeJS.ProcessEnv = process.env,
): Language {
  if (flags.lang) return flags.lang;
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^pt/i.test(locale) ? 'pt-BR' : 'en';
}

/**
 * Runs a command's action, which gives the exit code. What goes wrong on purpose is one message on standard error;
 * anything else is a defect of ours and says so.
 */
export function guarded<Args extends unknown[]>(
  action: (...args: Args) => Promise<number>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = await action(...args);
    } catch (error) {
      process.exitCode = report(error, process.argv.includes('--debug'));
    }
  };
}

/** Prints an error; gives its exit code. */
export function report(error: unknown, debug: boolean): number {
  const failure = error instanceof EngineError ? failureAt(error, null) : error;
  if (failure instanceof Failure) {
    process.stderr.write(`error: ${failure.message}\n${failure.detail ? `\n${failure.detail}\n` : ''}`);
    if (debug) process.stderr.write(`${(error as Error).stack ?? ''}\n`);
    return failure.exitCode;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`error: ${message}\n`);
  process.stderr.write(
    debug ? `${stack ?? ''}\n` : 'This is a defect of fuga; --debug shows where it came from.\n',
  );
  return exitCodes.failure;
}
