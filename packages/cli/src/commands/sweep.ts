import { readShard } from '@fuga/engine';
import { Option, type Command } from 'commander';
import { guarded, wholeNumber } from '../commandLine.js';
import { listenForInterrupt } from '../interrupt.js';
import { runSweep } from '../sweep/coordinator.js';
import { describe, openDisplay, showSeconds } from '../sweep/display.js';
import type { SweepSummary } from '../sweep/events.js';
import { defaultMaxBytes, defaultWorkers, LocalExecutor } from '../sweep/local.js';
import { memorySize } from '../sweep/memorySize.js';
import { planSweep, type SweepPlan } from '../sweep/plan.js';
import { exitCodes, SweepError } from '../sweep/sweepError.js';
import { loadSweep } from '../sweep/sweepFile.js';

const showBytes = (bytes: number) =>
  bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

interface SweepFlags {
  readonly out?: string;
  readonly workers: number;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly shard?: string;
  readonly redis?: string;
  readonly queue: string;
  readonly memory?: number;
  readonly heap: number;
  readonly timeout: number;
  readonly checkpoint: number;
  readonly keep: string[];
  readonly retryFailed?: boolean;
  readonly exact?: boolean;
  readonly seed?: number;
  readonly steps?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

const examples = `
Examples:
  fuga sweep depth.sweep.yaml --dry-run             how many trials, how much memory and time
  fuga sweep depth.sweep.yaml --out depth           run it, one worker a core
  fuga sweep depth.sweep.yaml --out depth --resume  go on where it stopped, whatever stopped it
  fuga sweep depth.sweep.yaml --out part2 --shard 2/8      one of eight parts; then: fuga merge part*
  fuga sweep depth.sweep.yaml --out depth --redis redis://host:6379   hand trials to "fuga worker"s

The folder holds journal.jsonl (every finished trial, the truth), results.csv and sweep.json.
Exit codes: 0 all done, 1 failure, 2 wrong usage, 3 some trials failed, 130 interrupted.`;

const STOPPING = 'stopping: finished trials are kept; Ctrl-C again stops at once';

/** `fuga sweep`: the grid, on local workers or on many machines. */
export default function defineSweep(program: Command): Command {
  return program
    .command('sweep')
    .summary('run a grid of specs; survives anything')
    .description('Runs every trial of a sweep spec and keeps each result the moment it is there.')
    .argument('<sweep>', 'a sweep spec (.sweep.yaml)')
    .option('--out <folder>', 'folder for the results')
    .option('--workers <n>', 'trials at a time', wholeNumber(1), defaultWorkers())
    .option('--resume', 'go on with the sweep that the folder holds')
    .option('--dry-run', 'show trials, memory and estimated time; run nothing')
    .option('--shard <i/n>', 'run part i of n only')
    .option('--redis <url>', 'hand the trials to workers behind Redis')
    .option('--queue <name>', 'the queue on Redis', 'fuga')
    .option('--memory <size>', 'most memory for one network, as 2G', memorySize)
    .option('--heap <MiB>', 'most JavaScript memory of a worker', wholeNumber(64), 1024)
    .option(
      '--timeout <seconds>',
      'replace a worker that gives no sign of life for so long',
      wholeNumber(1),
      300,
    )
    .option('--checkpoint <seconds>', 'how often a long trial saves itself; 0 for never', wholeNumber(0), 60)
    .addOption(
      new Option('--keep <what...>', 'keep of every trial').choices(['trace', 'weights']).default([]),
    )
    .option('--retry-failed', 'with --resume: try failed trials again')
    .option('--exact', 'bit-reproducible kernels')
    .option('--seed <n>', 'seed of the base spec', wholeNumber(0))
    .option('--steps <n>', 'steps of the base spec', wholeNumber(0))
    .option('--json', 'print the summary as one JSON document')
    .option('--quiet', 'no progress')
    .option('--no-color', 'no colours')
    .addHelpText('before', examples)
    .action(guarded((path: string, flags: SweepFlags) => sweep(path, flags)));
}

async function sweep(path: string, flags: SweepFlags): Promise<number> {
  const { exact = false, json = false, quiet = false, resume = false, workers } = flags;
  const loaded = await loadSweep(path, { seed: flags.seed, steps: flags.steps }, exact);
  const shard = flags.shard === undefined ? { part: 0, parts: 1 } : readShard(flags.shard);
  if (flags.dryRun) {
    const plan = await planSweep(loaded, shard, exact, workers);
    process.stdout.write(json ? `${JSON.stringify(plan, null, 2)}\n` : showPlan(plan));
    return exitCodes.done;
  }
  if (flags.out === undefined)
    throw new SweepError('a sweep needs a folder for its results: --out FOLDER', exitCodes.usage);
  if (flags.retryFailed && !resume)
    throw new SweepError('--retry-failed goes with --resume', exitCodes.usage);
  const { redis, queue, heap, timeout } = flags;
  const color = (flags.color ?? true) && process.env['NO_COLOR'] === undefined;
  const display = openDisplay(loaded.sweep, { screen: process.stderr, color, quiet });
  const stop = listenForInterrupt();
  stop.signal.addEventListener('abort', () => {
    display.report({ event: 'note', message: STOPPING });
  });
  try {
    const summary = await runSweep(loaded, {
      out: flags.out,
      resume,
      exact,
      shard,
      retryFailed: flags.retryFailed ?? false,
      maxBytes: flags.memory ?? (redis === undefined ? defaultMaxBytes(workers) : 2 ** 32), // a worker has its own limit
      checkpointMs: redis === undefined ? 1000 * flags.checkpoint : 0,
      keep: { trace: flags.keep.includes('trace'), weights: flags.keep.includes('weights') },
      executor: async (sweepId) => {
        if (redis === undefined)
          return new LocalExecutor({ workers, heapMb: heap, silenceMs: 1000 * timeout });
        const { RedisExecutor } = await import('../sweep/redis/executor.js');
        return RedisExecutor.connect({
          url: redis,
          queue,
          sweep: sweepId,
          out: flags.out!,
          note: (message) => {
            display.report({ event: 'note', message });
          },
        });
      },
      report: display.report,
      signal: stop.signal,
    });
    display.close();
    process.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : showSummary(summary));
    if (summary.interrupted) return exitCodes.interrupted;
    return summary.failed > 0 ? exitCodes.someFailed : exitCodes.done;
  } finally {
    display.close();
    stop.release();
  }
}

function showSummary({
  name,
  out,
  trials,
  done,
  failed,
  same,
  interrupted,
  seconds,
  best,
}: SweepSummary): string {
  const parts = [
    `${done} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(same > 0 ? [`${same} the same as others`] : []),
  ];
  const lines = [`${name}: ${parts.join(', ')} of ${trials} trials in ${showSeconds(seconds)}`];
  if (best)
    lines.push(
      `best ${best.metricName} ${Number(best.metric.toPrecision(4))}: trial ${best.index}, ${describe(best.values)}`,
    );
  lines.push(
    interrupted
      ? `interrupted; go on with --resume --out ${out}`
      : `results: ${out}/results.csv; pictures: fuga report ${out}`,
  );
  return `${lines.join('\n')}\n`;
}

function showPlan({ name, trials, axes, steps, memory, time, measured, refused }: SweepPlan): string {
  const lines = [
    `${name}: ${trials.toLocaleString('en')} trials, nothing was run`,
    ...axes.map(
      ({ path, values }) => `  ${path}: ${values === 'random' ? 'drawn at random' : `${values} values`}`,
    ),
    `memory: up to ${showBytes(memory.bytes)} a worker (trial ${memory.trial})`,
    `time: ${time.stepMs.toFixed(2)} ms a step, ${steps} steps, about ${showSeconds(time.trialSeconds)} a trial; ${showSeconds(time.totalSeconds)} with ${time.workers} worker${time.workers === 1 ? '' : 's'} (measured on ${measured} of the trials)`,
    ...refused.map(({ trial, reason }) => `trial ${trial} will fail: ${reason}`),
  ];
  return `${lines.join('\n')}\n`;
}
