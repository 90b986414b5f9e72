import type { Command } from 'commander';
import { guarded, wholeNumber } from '../commandLine.js';
import { listenForInterrupt } from '../interrupt.js';
import { defaultMaxBytes, defaultWorkers } from '../sweep/local.js';
import { memorySize } from '../sweep/memorySize.js';
import { exitCodes } from '../failure.js';

interface WorkerFlags {
  readonly redis: string;
  readonly queue: string;
  readonly workers: number;
  readonly memory?: number;
  readonly heap: number;
  readonly timeout: number;
  readonly lease: number;
  readonly idle: number;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  fuga worker --redis redis://host:6379                 join, one trial a core, until stopped
  fuga worker --redis redis://host:6379 --idle 60       end after a minute without work
  fuga sweep depth.sweep.yaml --out depth --redis redis://host:6379    what gives out the work`;

/** `fuga worker`: takes trials from Redis. */
export default function defineWorker(program: Command): Command {
  return program
    .command('worker')
    .summary('run trials that a sweep hands out through Redis')
    .description(
      'Joins the workers behind a Redis server. May come, go or be killed at any time: no trial is lost.',
    )
    .requiredOption('--redis <url>', 'where the trials come from')
    .option('--queue <name>', 'the queue on Redis', 'fuga')
    .option('--workers <n>', 'trials at a time', wholeNumber(1), defaultWorkers())
    .option('--memory <size>', 'most memory for one network, as 2G', memorySize)
    .option('--heap <MiB>', 'most JavaScript memory of a worker', wholeNumber(64), 1024)
    .option(
      '--timeout <seconds>',
      'replace a worker that gives no sign of life for so long',
      wholeNumber(1),
      300,
    )
    .option(
      '--lease <seconds>',
      'a worker that is gone for so long loses its trials to others',
      wholeNumber(1),
      30,
    )
    .option('--idle <seconds>', 'end after so long without work; 0 for never', wholeNumber(0), 0)
    .option('--quiet', 'no progress')
    .addHelpText('before', examples)
    .action(
      guarded(async ({ redis, queue, workers, memory, heap, timeout, lease, idle, quiet }: WorkerFlags) => {
        const tell = (message: string) => {
          if (!quiet) process.stderr.write(`${message}\n`);
        };
        const { runWorker } = await import('../sweep/redis/worker.js');
        const stop = listenForInterrupt();
        const maxBytes = memory ?? defaultMaxBytes(workers);
        await runWorker({
          url: redis,
          queue,
          workers,
          maxBytes,
          heapMb: heap,
          silenceMs: 1000 * timeout,
          leaseMs: 1000 * lease,
          idleMs: 1000 * idle,
          signal: stop.signal,
          tell,
        });
        stop.release();
        return stop.signal.aborted ? exitCodes.interrupted : exitCodes.done;
      }),
    );
}
