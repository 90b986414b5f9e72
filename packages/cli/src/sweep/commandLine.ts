import { EngineError } from '@fuga/engine';
import { InvalidArgumentError } from 'commander';
import { exitCodes, SweepError } from './sweepError.js';

/** Runs a command's action: what goes wrong on purpose is one message and an exit code, with no stack. */
export function guarded<Args extends unknown[]>(
  action: (...args: Args) => Promise<number>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = await action(...args);
    } catch (error) {
      if (error instanceof SweepError) process.exitCode = error.exitCode;
      else if (error instanceof EngineError)
        process.exitCode = error.code === 'SPEC' ? exitCodes.usage : exitCodes.failure;
      else throw error;
      process.stderr.write(`error: ${error.message}\n`);
    }
  };
}

/** Parses a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`expected a whole number of at least ${least}.`);
    return value;
  };
}

/** Parses `512M`, `4G`, or a number of MiB, into bytes. */
export function memorySize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT])?i?B?$/i.exec(text);
  if (!match) throw new InvalidArgumentError('expected memory as 512M or 4G.');
  const power = { K: 1, M: 2, G: 3, T: 4 }[(match[2] ?? 'M').toUpperCase()]!;
  return Math.floor(Number(match[1]) * 1024 ** power);
}

/** Ctrl-C (or SIGTERM, as schedulers send it): the first asks to stop, the second stops at once. */
export function stopSignal(tell: (message: string) => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    tell('stopping: finished trials are kept; press Ctrl-C again to stop at once');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const release = () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  return { signal: controller.signal, release };
}
