import type { DiagnosisReport, SiteDetails, SitePicture } from '@fuga/engine';
import type { Given, Recording } from '../take/brought.js';
import type { WorkerFormat } from '../take/formats.js';
import type { Player, Transport } from '../take/player.js';
import type {
  Catalogue,
  LabFrame,
  Language,
  Opened,
  Question,
  Refusal,
  Reply,
  Speed,
  SpecInput,
  StepRecord,
  Surface,
  Writing,
  Written,
} from '../worker/protocol.js';
import { Address } from './address.js';
import { Clinic } from './clinic.svelte.js';
import { startEngine, type Engine } from './client.js';
import { Edits } from './edits.svelte.js';
import { emptyHistory, grow, type History } from './history.js';
import { decodeLink, encodeLink, type LabState, type LinkFault, type View } from './link.js';
import { deepSigmoid } from './presets.js';
import { edited, withoutWeights, type Subject } from './subject.js';

/** Edits that follow each other within this time are one run: nobody waits for what is still being typed. */
const SETTLE_MS = 140;

/**
 * The only state of the page. Views read it and call its methods; charts see only what views hand them.
 *
 * What the worker sends is raw state: replaced frame by frame, never changed in place.
 */
export class Lab {
  spec = $state.raw<SpecInput>(deepSigmoid);
  /** What came from files and the spec needs beside itself. */
  given = $state.raw<Given | null>(null);
  /** The run of the past that is shown in place of the spec's own. */
  recording = $state.raw<Recording | null>(null);
  view = $state<View>('observe');
  chapter = $state(0);
  catalogue = $state.raw<Catalogue | null>(null);
  opened = $state.raw<Opened | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  linkFault = $state<LinkFault | null>(null);
  history = $state.raw<History>(emptyHistory);
  frame = $state.raw<LabFrame | null>(null);
  report = $state.raw<DiagnosisReport | null>(null);
  spread = $state.raw<LabFrame['spread']>(null);
  /** The run that the report is about: the last one's stays to be read until the next is there. */
  #reported = $state(0);
  details = $state.raw<Readonly<Record<number, SiteDetails>> | null>(null);
  picture = $state.raw<SitePicture | null>(null);
  surface = $state.raw<Surface | null>(null);
  /** What the network is asked about, and what it says. */
  question = $state.raw<Question | null>(null);
  reply = $state.raw<Reply | null>(null);
  playing = $state(false);
  speed = $state<Speed>(60);
  /** How far the backward pass that is shown layer by layer has come; null: the whole pass is shown. */
  backAt = $state<number | null>(null);
  language: Language;
  /** Where remedies are tried. */
  readonly clinic = new Clinic();

  /** Name of the site under the microscope; null: the worst one. */
  #chosen = $state<string | null>(null);
  readonly #edits = new Edits<Subject>();

  readonly latest = $derived<StepRecord | null>(this.history.records.at(-1) ?? null);
  readonly site = $derived(this.#siteIndex());
  /** The report of the run that is seen, or null while it is still being measured. */
  readonly current = $derived(this.#reported === this.opened?.run ? this.report : null);
  readonly canUndo = $derived(this.#edits.canUndo);
  readonly canRedo = $derived(this.#edits.canRedo);
  readonly ended = $derived(this.frame?.ended ?? null);

  #engine: Engine;
  /** What plays the recording that is shown. */
  #player: Player | null = null;
  #opening = 0;
  /** Whether the user wants it to train; a refused spec or a finished run does not change that. */
  #wants = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #address = new Address();
  /** The site whose histograms and pictures the worker sends. */
  #seen: number | null = null;

  constructor(language: Language) {
    this.language = language;
    this.#engine = this.#start();
  }

  /** Opens what the link says, or the example; from then on the link follows the state. */
  async begin(hash: string): Promise<void> {
    if (hash.length > 1) await this.readLink(hash);
    else this.#reopen();
    this.catalogue = await this.#engine.api.catalogue();
  }

  async readLink(hash: string): Promise<void> {
    if (this.#address.isOurs(hash)) return;
    const decoded = await decodeLink(hash);
    if ('fault' in decoded) {
      this.linkFault = decoded.fault;
      if (!this.opened) this.#reopen();
      return;
    }
    this.linkFault = null;
    const { spec, view, chapter, site } = decoded.state;
    this.view = view;
    this.chapter = chapter ?? 0;
    this.#chosen = site ?? null;
    this.#edits.remember(this.#subject);
    this.#become({ spec, given: null });
    this.#reopen();
  }

  /** The link to all that is seen now. */
  async link(): Promise<string> {
    return `${location.href.replace(/#.*$/, '')}#${await encodeLink(this.#state())}`;
  }

  /** Replaces the spec, as one edit that can be undone. What was given stays, while it is still of this network. */
  edit(spec: SpecInput, options: { play?: boolean } = {}): void {
    const { given } = edited(this.#subject, spec);
    this.bring(spec, given, options);
  }

  /** Replaces the spec and what it needs beside itself, as one edit that can be undone. */
  bring(spec: SpecInput, given: Given | null, options: { play?: boolean } = {}): void {
    this.#edits.remember(this.#subject);
    this.#become({ spec, given });
    if (options.play) this.#wants = true;
    this.#settleThenOpen();
  }

  /** Draws the weights anew, as one edit. */
  forgetWeights(): void {
    if (this.given?.weights) this.bring(this.spec, withoutWeights(this.#subject).given);
  }

  /** Shows a run of the past; the spec's own waits until it is edited or the recording is closed. */
  async show(recording: Recording): Promise<void> {
    const { Player } = await import('../take/player.js');
    void this.#engine.api.pause();
    this.#opening++; // what is still being opened is not shown
    this.#player?.pause();
    const player = new Player(recording, this.speed, (frame) => this.#take(frame));
    this.#player = player;
    this.recording = recording;
    this.#chosen = null;
    this.#begin(player.opened, false);
    player.seek(recording.trace.records.length - 1);
  }

  /** Back from the recording to the spec's own run. */
  closeRecording(): void {
    this.#leaveRecording();
    this.#reopen();
  }

  /** Shows a recording as it stood at one of its records. */
  seek(record: number): void {
    this.playing = false;
    this.history = emptyHistory;
    this.#player?.seek(record);
  }

  undo(): void {
    this.#return(this.#edits.undo(this.#subject));
  }

  redo(): void {
    this.#return(this.#edits.redo(this.#subject));
  }

  play(): void {
    this.backAt = null;
    this.#wants = true;
    if (this.ended) {
      this.reset();
      return;
    }
    this.playing = true;
    void this.#transport.play();
  }

  pause(): void {
    this.#wants = false;
    this.playing = false;
    void this.#transport.pause();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  step(): void {
    this.#wants = false;
    this.playing = false;
    void this.#transport.step();
  }

  /** Back to the first weights, or to the first record of a recording. */
  reset(): void {
    if (!this.#player) return this.#reopen();
    this.seek(0);
    if (this.#wants) this.play();
  }

  /** One layer back: pauses, and lets the gradient come one layer nearer to the input; from there it starts anew. */
  stepBack(): void {
    const sites = this.opened?.sites ?? [];
    if (this.playing) this.pause();
    const from = this.backAt ?? sites.length;
    let at = from - 1;
    while (at >= 0 && sites[at]!.parent !== null) at--; // what is inside another site comes with it
    this.backAt =
      at >= 0 ? at : sites.length > 0 ? sites.findLastIndex(({ parent }) => parent === null) : null;
    if (this.backAt !== null) this.look(this.backAt);
  }

  /** The whole backward pass again. */
  showWhole(): void {
    this.backAt = null;
  }

  setSpeed(speed: Speed): void {
    this.speed = speed;
    void this.#transport.setSpeed(speed);
  }

  setLanguage(language: Language): void {
    this.language = language;
    void this.#engine.api.setLanguage(language);
  }

  setView(view: View): void {
    this.view = view;
    this.#writeLink();
  }

  /** Puts a site under the microscope. */
  look(site: number): void {
    this.#chosen = this.opened?.sites[site]?.name ?? null;
    this.#show();
    this.#writeLink();
  }

  /** Has every frame answer a question, from now on and for every network that is opened; null: no more. */
  ask(question: Question | null): void {
    this.question = question;
    if (!question) this.reply = null;
    void this.#engine.api.ask(question);
  }

  /** Lets a language model write; null where it was asked again meanwhile. */
  write(options: Writing): Promise<Written | Refusal | null> {
    return this.#engine.api.write(options) as Promise<Written | Refusal | null>;
  }

  /** Tries remedies on the patient, side by side; the patient's own training waits meanwhile. */
  async treat(remedies: readonly string[]): Promise<void> {
    this.setView('cure');
    if (this.playing) this.pause();
    await this.clinic.try(this.spec, remedies, this.current?.findings ?? [], this.language);
  }

  /** The run as a file. Rejects with the reason where the format cannot hold it. */
  take(format: WorkerFormat): Promise<Blob> {
    return this.recording
      ? this.clinic.desk.api.takeRecording(format, this.recording)
      : this.#engine.api.take(format);
  }

  /** SHA-256 of weights and trace as they stand; for exports and comparisons between machines. */
  digest(): Promise<string | null> {
    return this.#engine.api.digest();
  }

  digestOf(spec: SpecInput): Promise<string> {
    return this.#engine.api.digestOf(spec);
  }

  get #transport(): Transport {
    return this.#player ?? this.#engine.api;
  }

  /** Takes up a spec; a recording that is shown gives way to it. */
  #become({ spec, given }: Subject): void {
    this.#leaveRecording();
    this.spec = spec;
    this.given = given;
    this.clinic.give(given);
  }

  #leaveRecording(): void {
    this.#player?.pause();
    this.#player = null;
    this.recording = null;
  }

  #start(): Engine {
    return startEngine((reason) => {
      this.playing = false;
      this.refusal = { ok: false, code: 'INTERNAL', reason, path: [] };
    });
  }

  get #subject(): Subject {
    return { spec: this.spec, given: this.given };
  }

  /** Back to what was edited, where there is any. */
  #return(subject: Subject | null): void {
    if (!subject) return;
    this.#become(subject);
    this.#settleThenOpen();
  }

  #settleThenOpen(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#reopen(), SETTLE_MS);
  }

  #reopen(): void {
    clearTimeout(this.#timer);
    this.#writeLink();
    void this.#open();
  }

  async #open(): Promise<void> {
    const ticket = ++this.#opening;
    const { speed, language } = this;
    const play = this.#wants;
    const answer = await this.#engine.open(this.spec, { speed, language, play, given: this.given }, (frame) =>
      this.#take(frame),
    );
    if (ticket !== this.#opening) return;
    if (!answer.ok) {
      this.refusal = answer;
      this.playing = false;
      return;
    }
    this.#begin(answer, play);
    if (this.question) void this.#engine.api.ask(this.question);
  }

  /** Shows another run from its start. */
  #begin(opened: Opened, play: boolean): void {
    this.refusal = null;
    this.opened = opened;
    this.history = emptyHistory;
    this.details = null;
    this.spread = null;
    this.picture = null;
    this.surface = null;
    this.reply = null;
    this.backAt = null;
    this.playing = play;
    this.#seen = null;
    this.#show();
  }

  #take(frame: LabFrame): void {
    if (frame.run !== this.opened?.run) return;
    this.history = grow(this.history, frame);
    this.frame = frame;
    if (frame.report) {
      this.report = frame.report;
      this.#reported = frame.run;
      this.#show();
    }
    if (frame.details) this.details = frame.details;
    if (frame.spread) this.spread = frame.spread;
    if (frame.picture) this.picture = frame.picture;
    if (frame.surface) this.surface = frame.surface;
    if (frame.reply) this.reply = frame.reply;
    if (frame.ended) this.playing = false;
  }

  /** Tells the worker which site is under the microscope, when it is another one. */
  #show(): void {
    if (this.site === this.#seen) return;
    this.#seen = this.site;
    void this.#engine.api.look(this.#seen);
  }

  #siteIndex(): number {
    const sites = this.opened?.sites ?? [];
    const name = this.#chosen ?? this.current?.findings[0]?.sites[0] ?? null;
    return Math.max(
      0,
      sites.findIndex((site) => site.name === name),
    );
  }

  #state(): LabState {
    return {
      view: this.view,
      spec: this.spec,
      ...(this.chapter > 0 ? { chapter: this.chapter } : {}),
      ...(this.#chosen === null ? {} : { site: this.#chosen }),
    };
  }

  #writeLink(): void {
    this.#address.follow(() => this.#state());
  }
}
