import { diagnose, evaluate, openRun, saveWeights, writeSample, writeTrace, type Run } from '@fuga/engine';
import { join } from 'node:path';
import { writeFileAtomic } from '../sweep/atomicFile.js';
import { HistogramTap, writeSpreads } from '../sweep/histograms.js';
import { subjectOf } from '../network.js';
import { drive } from './drive.js';
import { factsOf, given, startFrom } from './facts.js';
import { RunJournal } from './journal.js';
import type { Hooks, Outcome, Progress, TrainJob } from './task.js';

type Trained = Extract<Outcome, { readonly kind: 'trained' }>;

/** Scores on the test samples during a run: at most so many, and no more of the time than this. */
const MOST_SCORES = 40;
const SCORE_SHARE = 0.1;

/** Trains to the end of the spec's steps, and keeps journal, trace and weights in the job's folder. */
export async function run(job: TrainJob, hooks: Hooks): Promise<Outcome> {
  const start = performance.now();
  const { exact, language, folder } = job;
  const { spec: subject, data } = await subjectOf(job);
  const run = await openRun(subject, { exact, ...given(data) });
  startFrom(run, job.weights);
  const { spec } = run;
  const journal = new RunJournal(join(folder, 'journal.jsonl'), run);
  const tap = new HistogramTap(run);
  const score = scorer(run, journal);
  const told = (interrupted: boolean, score: ReturnType<typeof evaluate> | null): Trained => ({
    kind: 'trained',
    facts: factsOf(run, start, spec.steps, score),
    report: diagnose(run, { language }),
    sample: score && !interrupted ? writeSample(run) : null,
    interrupted,
  });
  try {
    tap.before();
    const interrupted = await drive(run, {
      window: spec.steps,
      hooks,
      snapshot: () => told(true, null),
      afterStep: (step) => {
        tap.after();
        const metric = score(step);
        tap.before();
        return metric;
      },
    });
    const last = !interrupted || isQuick(run) ? scored(run) : null;
    if (last) run.trace.metrics.push({ step: run.trace.steps, value: last.metric });
    await writeFileAtomic(join(folder, 'trace.json'), writeTrace(run.trace));
    await writeFileAtomic(join(folder, 'histograms.json'), writeSpreads(tap.records));
    await writeFileAtomic(join(folder, 'weights.safetensors'), saveWeights(run));
    const outcome = told(interrupted, last);
    journal.end(interrupted ? 'interrupted' : run.trace.stopped ? 'nonFinite' : 'done', last, outcome.report);
    return outcome;
  } finally {
    journal.close();
  }
}

function scored(run: Run): ReturnType<typeof evaluate> | null {
  return run.samples.test.length > 0 ? evaluate(run) : null;
}

/** After Ctrl-C nobody waits for a score that takes long; forward alone is about a third of a step. */
const QUICK_MS = 60;
function isQuick({ samples, batches, trace }: Run): boolean {
  return (samples.test.length / batches.batch) * (trace.timing.stepMs / 3) < QUICK_MS;
}

/** Journals recorded steps, and scores now and then: often enough for a curve, seldom enough to cost little. */
function scorer(run: Run, journal: RunJournal): (step: number) => Progress['metric'] {
  const { trace, spec, samples } = run;
  const every = Math.ceil(spec.steps / MOST_SCORES);
  let [recorded, scored, spent] = [0, 0, 0];
  return (step) => {
    const last = trace.records.at(-1);
    if (last && last.step === step - 1 && last.step >= recorded) {
      recorded = step;
      journal.step(last);
    }
    const due = step % every === 0 && step < spec.steps && samples.test.length > 0;
    const affordable = scored === 0 || spent / scored < SCORE_SHARE * every * trace.timing.stepMs;
    if (!due || !affordable || trace.stopped) return null;
    const start = performance.now();
    const { metric } = evaluate(run);
    [scored, spent] = [scored + 1, spent + performance.now() - start];
    trace.metrics.push({ step, value: metric });
    journal.score(step, trace.metric.id, metric);
    return { title: trace.metric.title, value: metric };
  };
}
