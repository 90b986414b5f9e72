import type { DiagnosisReport, SiteDetails, SitePicture } from '@fuga/engine';
import { startEngine, type Engine, type Trouble } from '../lab/client.js';
import { emptyHistory, grow, type History } from '../lab/history.js';
import type { LabFrame, Language, Opened, Refusal, SpecInput } from '../worker/protocol.js';
import type { Chapter, Reading, Setting } from './chapter.js';

/** Edits that follow each other within this time are one run. */
const SETTLE_MS = 140;

/** A chapter's network, trained in a worker of the tour's own: the lab's patient is left as it is. */
export class Live {
  setting = $state.raw<Setting>({});
  opened = $state.raw<Opened | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  /** The worker died, or has been silent for long. */
  trouble = $state.raw<Trouble | null>(null);
  history = $state.raw<History>(emptyHistory);
  frame = $state.raw<LabFrame | null>(null);
  report = $state.raw<DiagnosisReport | null>(null);
  picture = $state.raw<SitePicture | null>(null);
  details = $state.raw<Readonly<Record<number, SiteDetails>> | null>(null);
  playing = $state(false);
  /** What the question asks for, measured on the network as the chapter gives it; null until then. */
  measured = $state<number | null>(null);
  /** The same on the network as it stands, step by step. */
  now = $state(NaN);
  /** Whether what there is to try has been done since the chapter was opened. */
  reached = $state(false);
  readonly ended = $derived(this.frame?.ended ?? null);
  #engine: Engine | null = null;
  #chapter: Chapter | null = null;
  /** What the run that frames come from was made of; the controls may already stand elsewhere. */
  #trained: Setting = {};
  #language: Language = 'en';
  #opening = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The gradient's way back through time, of the first site that has one. */
  get walks(): SiteDetails['states'] {
    return (
      Object.values(this.details ?? {}).find(({ states }) => Object.keys(states).length > 0)?.states ?? {}
    );
  }

  /** The spec that is being trained. */
  get spec(): SpecInput | null {
    return this.#chapter ? { fuga: 1, seed: 1, ...this.#chapter.spec(this.setting) } : null;
  }

  /** Opens a chapter's network as the chapter gives it, and lets it train. */
  start(chapter: Chapter, language: Language): void {
    this.#chapter = chapter;
    this.#language = language;
    this.setting = chapter.start;
    this.measured = null;
    this.reached = false;
    this.#clear();
    void this.#open();
  }

  turn(id: string, value: string | number | boolean): void {
    this.setting = { ...this.setting, [id]: value };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(), SETTLE_MS);
  }

  /** Back to the chapter's own network. */
  restore(): void {
    if (!this.#chapter) return;
    this.setting = this.#chapter.start;
    void this.#open();
  }

  toggle(): void {
    if (this.ended) {
      void this.#open();
      return;
    }
    this.playing = !this.playing;
    if (this.playing) void this.#engine?.api.play();
    else void this.#engine?.api.pause();
  }

  setLanguage(language: Language): void {
    this.#language = language;
    void this.#engine?.api.setLanguage(language);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#opening++;
    this.#engine?.end();
    this.#engine = null;
    this.trouble = null;
  }

  /** A new worker in place of one that died or hangs, on the network as it stands. */
  restart(): void {
    this.end();
    void this.#open();
  }

  /** Whether a control stands elsewhere than the chapter has it. */
  get isTurned(): boolean {
    return this.#differs(this.setting);
  }

  #differs(setting: Setting): boolean {
    return Object.entries(this.#chapter?.start ?? {}).some(([id, value]) => setting[id] !== value);
  }

  /** Nothing is known of the next run yet, and frames of the last one are no longer taken. */
  #clear(): void {
    this.opened = null;
    this.history = emptyHistory;
    this.frame = null;
    this.report = null;
    this.picture = null;
    this.details = null;
    this.now = NaN;
  }

  async #open(): Promise<void> {
    clearTimeout(this.#timer);
    const ticket = ++this.#opening;
    const { spec, setting } = this;
    if (!spec) return;
    this.#engine ??= startEngine((trouble) => {
      this.trouble = trouble;
      if (trouble?.kind === 'dead') this.playing = false;
    });
    const options = { language: this.#language, play: true, speed: 60, given: null };
    const answer = await this.#engine.open(spec, options, (frame) => this.#take(frame));
    if (ticket !== this.#opening) return;
    if (!answer.ok) {
      this.refusal = answer;
      this.playing = false;
      return;
    }
    this.refusal = null;
    this.#clear();
    this.opened = answer;
    this.#trained = setting;
    this.playing = true;
    if (this.#chapter?.shows === 'pictures') void this.#engine?.api.look(0);
  }

  #take(frame: LabFrame): void {
    const chapter = this.#chapter;
    if (!chapter || frame.run !== this.opened?.run) return; // of the run before, still on its way
    this.frame = frame;
    this.history = grow(this.history, frame);
    this.playing = frame.playing;
    this.report = frame.report ?? this.report;
    this.picture = frame.picture ?? this.picture;
    this.details = frame.details ?? this.details;
    const { after, measure } = chapter.question;
    // A question about the first weights is asked of the first record, however many steps a frame brings; records
    // count steps from 0.
    const record = after <= 1 ? frame.records[0] : frame.records.at(-1);
    if (!record) return;
    const reading = this.#reading(this.opened, record, frame);
    this.now = measure(reading);
    if (
      this.measured === null &&
      !this.#differs(this.#trained) &&
      record.step + 1 >= after &&
      !Number.isNaN(this.now)
    ) {
      this.measured = this.now;
    }
    this.reached ||= chapter.reached(this.#reading(this.opened, frame.records.at(-1)!, frame), this.#trained);
  }

  #reading(opened: Opened, record: Reading['record'], frame: LabFrame): Reading {
    return {
      opened,
      record,
      loss: frame.loss,
      walks: this.walks,
      score: this.history.metrics.at(-1)?.value ?? null,
    };
  }
}
