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
  Speed,
  SpecInput,
  Writing,
  Written,
} from '../worker/protocol.js';
import { Address } from './address.js';
import { Clinic } from './clinic.svelte.js';
import { startEngine, type Engine, type Trouble } from './client.js';
import { Edits } from './edits.svelte.js';
import { encodeLink, type LabState, type View } from './link.js';
import { deepSigmoid } from './presets.js';
import type { LinkFault } from './readLink.js';
import { Seen } from './seen.svelte.js';
import { edited, withoutWeights, type Subject } from './subject.js';

/** Edits that follow each other within this time are one run: nobody waits for what is still being typed. */
const SETTLE_MS = 140;

/** The only state of the page. Views read it and call its methods; charts see only what views hand them. */
export class Lab extends Seen {
  spec = $state.raw<SpecInput>(deepSigmoid);
  /** What came from files and the spec needs beside itself. */
  given = $state.raw<Given | null>(null);
  /** The run of the past that is shown in place of the spec's own. */
  recording = $state.raw<Recording | null>(null);
  view = $state<View>('observe');
  chapter = $state(0);
  catalogue = $state.raw<Catalogue | null>(null);
  /** Why the last link was not taken, and whether the example is shown in its place. */
  linkFault = $state.raw<{ readonly kind: LinkFault; readonly isExample: boolean } | null>(null);
  /** Whether the spec is as a link gave it, by which it may be refused. */
  fromLink = $state(false);
  /** The worker died, or has been silent for long. */
  trouble = $state.raw<Trouble | null>(null);
  /** What the network is asked about. */
  question = $state.raw<Question | null>(null);
  speed = $state<Speed>(60);
  language: Language;
  /** Where remedies are tried. */
  readonly clinic = new Clinic();

  readonly #edits = new Edits<Subject>();

  /** Whether there is nothing that could train: the spec is refused, or the worker is gone. */
  readonly halted = $derived(!this.recording && (this.refusal !== null || this.trouble?.kind === 'dead'));
  readonly canUndo = $derived(this.#edits.canUndo);
  readonly canRedo = $derived(this.#edits.canRedo);

  #engine: Engine;
  /** What plays the recording that is shown. */
  #player: Player | null = null;
  #opening = 0;
  #reading = 0;
  /** Whether the user wants it to train; a refused spec or a finished run does not change that. */
  #wants = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #address = new Address();
  /** The site whose histograms and pictures the worker sends. */
  #seen: number | null = null;

  constructor(language: Language) {
    super();
    this.language = language;
    this.#engine = this.#start();
  }

  /** Opens what the link says, or the example; from then on the link follows the state. */
  async begin(hash: string): Promise<void> {
    if (hash.length > 1) await this.#readLink(hash);
    else this.#reopen();
    await this.#learnCatalogue();
  }

  /** The browser has gone back or forth, or follows a link. */
  async arrive(hash: string): Promise<void> {
    const place = this.#address.arrive(hash);
    if (!place) return this.#readLink(hash);
    this.view = place.view ?? this.view;
    this.chapter = place.chapter ?? this.chapter;
  }

  async #readLink(hash: string): Promise<void> {
    const ticket = ++this.#reading;
    const { decodeLink } = await import('./readLink.js');
    const decoded = await decodeLink(hash);
    if (ticket !== this.#reading) return; // another link was followed meanwhile
    if ('fault' in decoded) {
      this.linkFault = { kind: decoded.fault, isExample: !this.opened && !this.refusal };
      if (this.linkFault.isExample) this.#reopen();
      else this.#writeLink();
      return;
    }
    this.linkFault = null;
    this.#address.settle();
    const { spec, view, chapter, site } = decoded.state;
    this.view = view;
    this.chapter = chapter ?? 0;
    this.chosen = site ?? null;
    this.#edits.remember(this.#subject);
    this.#become({ spec, given: null });
    this.fromLink = true;
    this.#reopen();
  }

  /** Opens the example, as one edit. */
  showExample(): void {
    this.linkFault = null;
    this.bring(deepSigmoid, null, { play: true });
  }

  /** A new worker in place of one that died or hangs, on the spec as it stands. */
  restart(): void {
    this.#engine.end();
    this.#engine = this.#start();
    this.trouble = null;
    if (!this.recording) this.#reopen();
    void this.#learnCatalogue();
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
    this.#tell(this.#engine.api.pause());
    this.#opening++; // what is still being opened is not shown
    this.#player?.pause();
    const player = new Player(recording, this.speed, (frame) => this.#takeFrame(frame));
    this.#player = player;
    this.recording = recording;
    this.chosen = null;
    this.#show(player.opened, false);
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
    this.rewind();
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
    if (this.halted) return;
    this.playing = true;
    this.#tell(this.#transport.play());
  }

  pause(): void {
    this.#wants = false;
    this.playing = false;
    this.#tell(this.#transport.pause());
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  step(): void {
    this.#wants = false;
    this.playing = false;
    this.#tell(this.#transport.step());
  }

  /** Back to the first weights, or to the first record of a recording. */
  reset(): void {
    if (!this.#player) return this.#reopen();
    this.seek(0);
    if (this.#wants) this.play();
  }

  /** One layer back: pauses, and lets the gradient come one layer nearer to the input; from there it starts anew. */
  stepBack(): void {
    if (this.playing) this.pause();
    this.goBack();
    if (this.backAt !== null) this.look(this.backAt);
  }

  setSpeed(speed: Speed): void {
    this.speed = speed;
    this.#tell(this.#transport.setSpeed(speed));
  }

  setLanguage(language: Language): void {
    this.language = language;
    this.#tell(this.#engine.api.setLanguage(language));
  }

  setView(view: View, chapter = this.chapter): void {
    const isOther = view !== this.view || chapter !== this.chapter;
    this.view = view;
    this.chapter = chapter;
    if (isOther) this.#address.turn(this.#state());
    this.#writeLink();
  }

  /** Puts a site under the microscope. */
  look(site: number): void {
    this.chosen = this.opened?.sites[site]?.name ?? null;
    this.#lookThere();
    this.#writeLink();
  }

  /** Has every frame answer a question, from now on and for every network that is opened; null: no more. */
  ask(question: Question | null): void {
    this.question = question;
    if (!question) this.reply = null;
    this.#tell(this.#engine.api.ask(question));
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
    this.fromLink = false;
    this.clinic.give(given);
  }

  #leaveRecording(): void {
    this.#player?.pause();
    this.#player = null;
    this.recording = null;
  }

  #start(): Engine {
    return startEngine((trouble) => {
      this.trouble = trouble;
      if (trouble?.kind === 'dead') this.playing = false;
    });
  }

  async #learnCatalogue(): Promise<void> {
    this.catalogue ??= await this.#engine.api.catalogue();
  }

  /** Has the worker do something; what goes wrong with it is said. */
  #tell(doing: unknown): void {
    Promise.resolve(doing).catch((error: unknown) => {
      this.playing = false;
      this.trouble = { kind: 'dead', reason: error instanceof Error ? error.message : String(error) };
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
    this.#tell(this.#open());
  }

  async #open(): Promise<void> {
    const ticket = ++this.#opening;
    const { speed, language } = this;
    const play = this.#wants;
    const answer = await this.#engine.open(this.spec, { speed, language, play, given: this.given }, (frame) =>
      this.#takeFrame(frame),
    );
    if (ticket !== this.#opening) return;
    if (!answer.ok) {
      this.refusal = answer;
      this.playing = false;
      if (this.fromLink) this.forget(); // what was there before is of another network
      return;
    }
    this.#show(answer, play);
    if (this.question) this.#tell(this.#engine.api.ask(this.question));
  }

  /** Shows another run from its start. */
  #show(opened: Opened, play: boolean): void {
    this.turnTo(opened);
    this.playing = play;
    this.#seen = null;
    this.#lookThere();
  }

  /** Takes up a frame; its report may say where to look. */
  #takeFrame(frame: LabFrame): void {
    if (this.takeUp(frame) && frame.report) this.#lookThere();
  }

  /** Tells the worker which site is under the microscope, when it is another one. */
  #lookThere(): void {
    if (this.site === this.#seen) return;
    this.#seen = this.site;
    this.#tell(this.#engine.api.look(this.#seen));
  }

  #state(): LabState {
    return {
      view: this.view,
      spec: this.spec,
      ...(this.chapter > 0 ? { chapter: this.chapter } : {}),
      ...(this.chosen === null ? {} : { site: this.chosen }),
    };
  }

  #writeLink(): void {
    this.#address.follow(() => this.#state());
  }
}
