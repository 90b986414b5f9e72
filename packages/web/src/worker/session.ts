import {
  evaluate,
  Lens,
  networkOf,
  openRun,
  predict,
  probeIds,
  train,
  type DiagnosisReport,
  type ImportedNetwork,
  type Run,
} from '@fuga/engine';
import type { Asking } from './asking.js';
import type * as diagnosing from './diagnosing.js';
import { pauseFor } from './pause.js';
import type {
  LabFrame,
  Language,
  Opened,
  OpenOptions,
  Question,
  Refusal,
  Reply,
  Speed,
  SpecInput,
  StepRecord,
  Surface,
  Writing,
  Written,
} from './protocol.js';

/** Longest that training goes on before messages are heard: commands take effect within this and one step. */
const SLICE_MS = 10;
/** One frame an animation frame at 60 Hz. */
const FRAME_MS = 16;
/** Time for the page to draw its first picture before more is fetched. */
const DRAWING_MS = 250;
const GRID = { side: 56, extent: 2.1 } as const;
const POINTS = 600;

/** Gaps between measurements that cost more than a step; each waits at least 20 times what it cost. */
const GAP_MS = { report: 400, lens: 250, metric: 1000, surface: 200, reply: 200 } as const;
type Costly = keyof typeof GAP_MS;

/** A run that plays, pauses and steps, and pushes what is new at most once an animation frame. */
export class Session {
  readonly opened: Opened;
  readonly run: Run;
  /** The spec as it was asked for, defaults left out. */
  readonly written: SpecInput;
  /** The file that the network came from, as it was read; null for a network of ours. */
  readonly network: ImportedNetwork | null;
  speed: Speed;
  language: Language;
  readonly #steps: Generator<{ step: number; loss: number; lr: number; recorded: boolean }, void, void>;
  readonly #push: (frame: LabFrame, transfer: Transferable[]) => Promise<unknown>;
  readonly #lens: Lens;
  readonly #due: Record<Costly, number> = { report: 0, lens: 0, metric: 0, surface: 0, reply: 0 };
  readonly #planar: boolean;
  #playing = false;
  #closed = false;
  #ended: LabFrame['ended'] = null;
  #awaiting = false;
  #lastPush = 0;
  #step = 0;
  #loss = NaN;
  #lr = 0;
  #records: StepRecord[] = [];
  #losses: number[] = [];
  #lossFrom = 0;
  #metrics: { step: number; value: number }[] = [];
  #report: DiagnosisReport | null = null;
  #surface: Surface | null = null;
  #details: LabFrame['details'] = null;
  /** Null until it is loaded. */
  #diagnose: typeof diagnosing.diagnose | null = null;
  #learning: Promise<void> | null = null;
  /** Whether the lens has seen something that the page has not. */
  #fresh = false;
  #asking: Asking | null = null;
  #question: Question | null = null;
  #reply: Reply | null = null;

  private constructor(
    run: Run,
    written: SpecInput,
    network: ImportedNetwork | null,
    id: number,
    options: OpenOptions,
    push: (frame: LabFrame, transfer: Transferable[]) => Promise<unknown>,
  ) {
    this.run = run;
    this.written = written;
    this.network = network;
    this.speed = options.speed;
    this.language = options.language;
    this.#push = push;
    this.#steps = train(run);
    this.#lens = new Lens(run);
    const { shape } = run.data.input;
    this.#planar = shape.length === 1 && shape[0] === 2 && run.data.task === 'classification';
    this.opened = describe(run, id, this.#planar, network);
  }

  /** Opens a run, with the kernels that give the same bits everywhere: a link shows all the same. */
  static async open(
    spec: SpecInput,
    id: number,
    options: OpenOptions,
    push: (frame: LabFrame, transfer: Transferable[]) => Promise<unknown>,
  ): Promise<Session> {
    // Every step is recorded at first; the trace thins itself out as it grows.
    const subject = options.given
      ? await import('../take/given.js').then(({ subjectOf }) => subjectOf(spec, options.given!))
      : null;
    const run = await openRun(spec, { exact: true, every: 1, ...subject?.options });
    subject?.start(run);
    return new Session(run, spec, subject?.network ?? null, id, options, push);
  }

  play(): void {
    if (this.#playing || this.#ended || this.#closed) return;
    this.#playing = true;
    void this.#loop();
  }

  /** Stops after the step that is being made, and takes the measurements that were put off. */
  pause(): void {
    this.#playing = false;
    this.#settle();
  }

  step(): void {
    this.#playing = false;
    this.#advance(true);
    this.#settle();
  }

  /** Frames carry one site's histograms: those of a thousand would cost more to send than to take. */
  look(site: number | null): void {
    this.#lens.focus = site;
    this.#lens.picture = null;
    this.#due.lens = 0;
    this.#fresh = true;
    if (!this.#playing && this.#step > 0) this.#send();
  }

  /** Answers a question from now on, as the weights change. */
  async ask(question: Question | null): Promise<void> {
    this.#question = question;
    if (!question) return;
    await this.#load();
    this.#due.reply = 0;
    if (!this.#playing) this.#settle();
  }

  async write(options: Writing): Promise<Written | Refusal | null> {
    return (await this.#load()).write(options);
  }

  async #load(): Promise<Asking> {
    const { Asking } = await import('./asking.js');
    return (this.#asking ??= new Asking(this.run));
  }

  /** Asks for the report again, in the language that is now set. */
  tellAgain(): void {
    this.#due.report = 0;
    if (!this.#playing) this.#settle();
  }

  close(): void {
    this.#closed = true;
    this.#playing = false;
  }

  async #loop(): Promise<void> {
    let next = performance.now();
    while (this.#playing && !this.#closed) {
      const start = performance.now();
      do this.#advance(false);
      while (this.#playing && this.speed === 'max' && performance.now() - start < SLICE_MS);
      if (this.#ended) {
        this.#playing = false;
        this.#settle();
        return;
      }
      this.#offer();
      const now = performance.now();
      next = this.speed === 'max' ? now : Math.max(next + 1000 / this.speed, now - 100);
      await pauseFor(next - now);
    }
  }

  #advance(careful: boolean): void {
    const { run } = this;
    const look = careful || this.#isDue('lens');
    if (look) run.recorder.companion = this.#lens;
    const turn = this.#steps.next();
    const { trace } = run;
    if (turn.done) {
      this.#ended = trace.stopped ? 'nonFinite' : 'done';
      return;
    }
    const { step, loss, lr, recorded } = turn.value;
    this.#step = step;
    this.#loss = loss;
    this.#lr = lr;
    this.#losses.push(loss);
    if (recorded) {
      const record = trace.records.at(-1)!;
      this.#records.push({ step: record.step, values: record.values });
      this.#details = record.details ?? null;
      if (look) {
        run.recorder.companion = null;
        this.#fresh = true;
        this.#spent('lens', 0);
      }
    }
    if (trace.stopped) this.#ended = 'nonFinite';
    else if (step >= run.spec.steps) this.#ended = 'done';
  }

  /** Pushes if the page has taken the last frame and it is time for one. */
  #offer(): void {
    if (this.#awaiting || this.#closed || performance.now() - this.#lastPush < FRAME_MS) return;
    this.#measure(false);
    this.#send();
  }

  /** Measures everything and pushes it, also while the last frame is still on its way. */
  #settle(): void {
    if (this.#closed) return;
    this.#measure(true);
    this.#send();
  }

  #measure(all: boolean): void {
    const { run } = this;
    if (run.trace.records.length === 0) return;
    const diagnose = this.#diagnose;
    if (diagnose && (all || this.#isDue('report'))) {
      this.#timed('report', () => (this.#report = diagnose(run, { language: this.language })));
    }
    if (all || this.#isDue('metric')) {
      this.#timed('metric', () => this.#metrics.push({ step: this.#step, value: evaluate(run).metric }));
    }
    if (this.#planar && (all || this.#isDue('surface'))) {
      this.#timed('surface', () => (this.#surface = surfaceOf(run)));
    }
    const [asking, question] = [this.#asking, this.#question];
    if (asking && question && (all || this.#isDue('reply'))) {
      this.#timed('reply', () => (this.#reply = asking.reply(question)));
    }
  }

  #send(): void {
    const { focus, spreads } = this.#lens;
    const spread = this.#fresh && focus !== null ? (spreads[focus] ?? null) : null;
    const frame: LabFrame = {
      run: this.opened.run,
      step: this.#step,
      loss: this.#loss,
      lr: this.#lr,
      records: this.#records,
      losses: { from: this.#lossFrom, values: Float32Array.from(this.#losses) },
      metrics: this.#metrics,
      report: this.#report,
      details: this.#details,
      spread: spread && { ...spread, site: focus! },
      picture: this.#lens.picture,
      surface: this.#surface,
      reply: this.#reply,
      stepMs: this.run.trace.timing.stepMs,
      probeShare: this.run.trace.timing.probeShare,
      playing: this.#playing,
      ended: this.#ended,
    };
    this.#lossFrom += this.#losses.length;
    this.#losses = [];
    this.#records = [];
    this.#metrics = [];
    this.#report = null;
    this.#surface = null;
    this.#reply = null;
    this.#details = null;
    this.#fresh = false;
    this.#lastPush = performance.now();
    this.#awaiting = true;
    // The trace keeps the records' numbers for the diagnosis, so those are copied; what is only the page's is moved.
    const transfer: Transferable[] = [frame.losses.values.buffer as ArrayBuffer];
    this.#push(frame, transfer).then(
      () => {
        this.#awaiting = false;
        // The picture first: what the diagnosis needs is fetched once the page has had time to draw.
        const isDrawn = frame.step > 0 || !frame.playing;
        if (isDrawn && !this.#learning) this.#learning = this.#learnToDiagnose();
      },
      () => this.close(),
    );
  }

  async #learnToDiagnose(): Promise<void> {
    await pauseFor(DRAWING_MS);
    this.#diagnose = (await import('./diagnosing.js')).diagnose;
    if (!this.#playing) this.#settle();
  }

  #isDue(what: Costly): boolean {
    return performance.now() >= this.#due[what];
  }

  #timed(what: Costly, action: () => void): void {
    const start = performance.now();
    action();
    this.#spent(what, performance.now() - start);
  }

  #spent(what: Costly, cost: number): void {
    this.#due[what] = performance.now() + Math.max(GAP_MS[what], 20 * cost);
  }
}

function describe(run: Run, id: number, planar: boolean, network: ImportedNetwork | null): Opened {
  const { spec, trace, data, samples, memory } = run;
  const { network: _, ...shape } = data; // how a file's network is recorded is a function: it cannot cross
  return {
    ok: true,
    run: id,
    spec,
    layers: networkOf(spec, data),
    sites: trace.sites,
    probes: probeIds,
    parameters: trace.parameters,
    bytes: memory.total,
    shape,
    metric: trace.metric,
    names: samples.names ?? null,
    writes: data.task === 'language' && samples.vocabulary?.includes(' ') === true,
    points: planar ? pointsOf(run) : null,
    outline: network?.outline() ?? null,
  };
}

function pointsOf({ samples }: Run): Opened['points'] {
  const rows = samples.train.subarray(0, POINTS);
  const x = new Float32Array(2 * rows.length);
  const y = new Int32Array(rows.length);
  rows.forEach((row, i) => {
    x[2 * i] = samples.x[2 * row]!;
    x[2 * i + 1] = samples.x[2 * row + 1]!;
    y[i] = samples.y[row]!;
  });
  return { x, y };
}

/** The winning class on a grid, and the gap between the two largest logits as a number from 0 to 1. */
function surfaceOf(run: Run): Surface {
  const { side, extent } = GRID;
  const inputs = new Float32Array(2 * side * side);
  for (let i = 0; i < side * side; i++) {
    inputs[2 * i] = extent * ((2 * ((i % side) + 0.5)) / side - 1);
    inputs[2 * i + 1] = extent * (1 - (2 * (Math.floor(i / side) + 0.5)) / side);
  }
  const logits = predict(run, inputs);
  const classes = logits.length / (side * side);
  const winner = new Uint8Array(side * side);
  const margin = new Float32Array(side * side);
  for (let i = 0; i < side * side; i++) {
    let [best, first, second] = [0, -Infinity, -Infinity];
    for (let c = 0; c < classes; c++) {
      const logit = logits[i * classes + c]!;
      if (logit > first) [best, second, first] = [c, first, logit];
      else if (logit > second) second = logit;
    }
    winner[i] = best;
    margin[i] = Number.isFinite(first - second) ? 1 - Math.exp(second - first) : 0;
  }
  return { side, extent, winner, margin };
}
