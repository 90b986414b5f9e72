import { sizeOf } from '../core/shape.js';
import { clipByNorm, clipByValue, normOf } from './clip.js';
import type { Run } from './run.js';
import { addLoss, addRecord, type TraceRecord } from './trace.js';

/** What one step tells. One object, reused at every step: copy what you keep. */
export interface Frame {
  /** Steps done, this one included. */
  step: number;
  loss: number;
  lr: number;
  /** Whether this step was added to the trace. */
  recorded: boolean;
}

/** How long, in steps, a unit must be silent to count as dead: the window starts anew after so many records. */
const WINDOW = 20;

/**
 * Trains a run, one step a turn: forward, loss, backward, clip, update.
 *
 * A generator, so that whoever drives it can pause, stop, or answer others between two steps. Ends when the spec's
 * steps are done, or at the first loss that is not finite; that step is recorded, and nothing is updated by it.
 *
 * @example
 * for (const { step, loss } of train(run)) if (step % 100 === 0) console.log(step, loss);
 */
export function* train(run: Run): Generator<Frame, void, void> {
  const { tape, batches, recorder, trace, arena, network } = run;
  const { kernels } = arena;
  const trained = run.parameters.trained.map(({ tensor }) => ({
    size: sizeOf(tensor.shape),
    grad: tensor.grad,
  }));
  const { clip } = run.spec;
  const frame: Frame = { step: trace.steps, loss: NaN, lr: 0, recorded: false };
  // A run that goes on (after a pause, or from a checkpoint) goes on counting too.
  let elapsed = trace.timing.stepMs * trace.steps;
  let probed = trace.timing.probeShare * elapsed;

  // The last record, until the next step's gradient tells whether its update went too far; of this step or, where a
  // run goes on, of the one that it stopped after.
  const last = trace.records.at(-1);
  let turning: TraceRecord | null = last?.step === trace.steps - 1 && last.turn === undefined ? last : null;

  while (trace.steps < run.spec.steps && !trace.stopped) {
    const step = trace.steps;
    const start = performance.now();
    let recording = step % trace.every === 0 || step === run.spec.steps - 1;
    const lr = run.learningRate(step);
    batches.next(network.input.data, network.target.data);
    tape.forward(recording ? recorder : undefined);
    const loss = arena.f32[network.loss.data >> 2]!;
    const finite = Number.isFinite(loss);
    if (!finite && !recording) {
      recording = true;
      tape.forward(recorder); // the same batch and weights again, watched: where did it stop being finite?
    }
    if (recording) tape.backward(recorder);
    else tape.backwardParameters();
    if (turning) {
      const measured = performance.now();
      turning.turn = recorder.readTurn();
      turning = null;
      probed += performance.now() - measured;
    }
    if (recording) recorder.beforeUpdate();
    // Where it decides how far to step it is taken one way, recorded or not.
    const gradNorm = clip?.norm ? normOf(arena, trained) : recording ? recorder.gradNorm() : NaN;
    if (finite) {
      if (clip?.norm) clipByNorm(kernels, trained, clip.norm, gradNorm);
      if (clip?.value) clipByValue(kernels, trained, clip.value);
      run.update(lr, step + 1);
    }
    tape.clock.step = ++trace.steps;
    addLoss(trace, step, loss);
    if (!finite) trace.stopped = { step, reason: 'nonFinite' };
    const end = performance.now();
    if (recording) {
      const [values, time, details] = [recorder.read(), recorder.readTime(), recorder.readDetails()];
      turning = { step, loss, lr, gradNorm, values, time, details };
      addRecord(trace, turning);
      if (++recorder.recorded % WINDOW === 0) recorder.startWindow();
      probed += performance.now() - end;
    }
    elapsed += performance.now() - start;
    trace.timing.stepMs = elapsed / trace.steps;
    trace.timing.probeShare = probed / elapsed;
    frame.step = trace.steps;
    frame.loss = loss;
    frame.lr = lr;
    frame.recorded = recording;
    yield frame;
  }
}
