import type { RunSpec, TraceRecord } from '@fuga/engine';
import type { LabFrame, Opened, Speed } from '../worker/protocol.js';
import type { Recording } from './brought.js';

/** What plays, pauses and steps: the worker's run, or a recording. */
export interface Transport {
  play(): unknown;
  pause(): unknown;
  step(): unknown;
  setSpeed(speed: Speed): unknown;
}

/** Most records shown a second when it goes as fast as it can: every one is still seen. */
const FASTEST = 60;
/** One frame an animation frame. */
const TICK_MS = 16;

let made = 0;

/** Plays a recording: the same frames that a run would push, from a trace. */
export class Player implements Transport {
  readonly recording: Recording;
  readonly opened: Opened;
  readonly #push: (frame: LabFrame) => void;
  #at = -1;
  #speed: Speed;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(recording: Recording, speed: Speed, push: (frame: LabFrame) => void) {
    this.recording = recording;
    this.#speed = speed;
    this.#push = push;
    this.opened = describe(recording, --made); // runs of the worker count up from 1
  }

  /** Index of the record that is shown. */
  get at(): number {
    return this.#at;
  }

  play(): void {
    clearTimeout(this.#timer);
    const rate = this.#speed === 'max' ? FASTEST : this.#speed;
    this.#timer = setTimeout(
      () => {
        this.#advance(true);
        if (this.#at < this.recording.trace.records.length - 1) this.play();
      },
      Math.max(TICK_MS, 1000 / rate),
    );
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  step(): void {
    this.pause();
    this.#advance(false);
  }

  setSpeed(speed: Speed): void {
    this.#speed = speed;
  }

  /** Shows all records up to this one, from an empty history. */
  seek(index: number): void {
    this.pause();
    const { records } = this.recording.trace;
    const to = Math.max(0, Math.min(records.length - 1, index));
    this.#at = to;
    this.#send(records.slice(0, to + 1), 0, false);
  }

  #advance(playing: boolean): void {
    const { records } = this.recording.trace;
    if (this.#at >= records.length - 1) return;
    const from = this.#at + 1;
    this.#at = from;
    this.#send([records[from]!], from, playing);
  }

  #send(records: readonly TraceRecord[], from: number, playing: boolean): void {
    const { trace, report } = this.recording;
    const shown = records.at(-1);
    if (!shown) return;
    const isLast = this.#at === trace.records.length - 1;
    const before = from === 0 ? 0 : lossesUntil(trace.records[from - 1]!.step, trace);
    this.#push({
      run: this.opened.run,
      step: shown.step + 1, // steps made, as a run counts them; records count from 0
      loss: shown.loss,
      lr: shown.lr,
      records: records.map(({ step, values }) => ({ step, values })),
      losses: {
        from: before,
        values: Float32Array.from(trace.losses.slice(before, lossesUntil(shown.step, trace))),
      },
      metrics: trace.metrics.filter(
        ({ step }) => step <= shown.step + 1 && (from === 0 || step > trace.records[from - 1]!.step + 1),
      ),
      report,
      details: shown.details ?? null,
      spread: null,
      picture: null,
      surface: null,
      reply: null,
      stepMs: trace.timing.stepMs,
      probeShare: trace.timing.probeShare,
      playing: playing && !isLast,
      ended: isLast ? (trace.stopped ? 'nonFinite' : 'done') : null,
    });
  }
}

/** How many of the trace's losses were made up to a step. */
function lossesUntil(step: number, { losses, lossEvery }: Recording['trace']): number {
  return Math.min(losses.length, Math.floor(step / Math.max(1, lossEvery)) + 1);
}

/** What is known of the run before its first record; what a trace alone does not tell is left empty. */
function describe({ trace, spec, name, probes }: Recording, run: number): Opened {
  const bare = { name, steps: trace.steps, seed: 0, loss: '' } as unknown as RunSpec;
  return {
    ok: true,
    run,
    spec: spec ?? bare,
    layers: [],
    sites: trace.sites,
    probes,
    parameters: trace.parameters,
    bytes: 0,
    shape: {
      task: 'regression',
      input: { shape: trace.sites[0]?.inputShape ?? [], dtype: 'f32' },
      target: { shape: [], dtype: 'f32' },
      outputs: 1,
      samples: 0,
    },
    metric: trace.metric,
    names: null,
    writes: false,
    points: null,
    outline: null,
  };
}
