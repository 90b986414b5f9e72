// What crosses between the page and its worker: plain data only, typed arrays transferred.
import type {
  About,
  Answer,
  DataShape,
  DiagnosisReport,
  GenerateOptions,
  LayerSpec,
  OutlineNode,
  MapInfo,
  NextCharacter,
  PathStep,
  RunSpec,
  SiteDetails,
  SiteInfo,
  SitePicture,
  SiteSpread,
} from '@fuga/engine';
import type { Given } from '../take/brought.js';
import type { WorkerFormat } from '../take/formats.js';
import type { Field } from './fields.js';

export type Language = 'en' | 'pt-BR';

/** A spec as people write it: defaults left out. */
export type SpecInput = Readonly<Record<string, unknown>>;

/** Why a spec was not taken, and where in it. */
export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly reason: string;
  readonly path: readonly PathStep[];
}

/** An item on a shelf, as menus need it. */
export interface MenuItem {
  readonly id: string;
  readonly about: About;
  readonly fields: readonly Field[];
}

/** Every shelf that a spec can name items of. */
export interface Catalogue {
  readonly activations: readonly MenuItem[];
  readonly inits: readonly MenuItem[];
  readonly layers: readonly (MenuItem & { readonly bodies: readonly string[]; readonly many: boolean })[];
  readonly losses: readonly (MenuItem & { readonly tasks: readonly string[] })[];
  readonly optimizers: readonly MenuItem[];
  readonly schedules: readonly MenuItem[];
  readonly datasets: readonly (MenuItem & { readonly shape: DataShape | null })[];
  readonly models: readonly MenuItem[];
  /** What remedies are called, by language and id. */
  readonly remedies: Readonly<Record<Language, Readonly<Record<string, string>>>>;
}

/** A run that stands ready: what is known before its first step. */
export interface Opened {
  readonly ok: true;
  readonly run: number;
  readonly spec: RunSpec;
  readonly layers: readonly LayerSpec[];
  readonly sites: readonly SiteInfo[];
  readonly probes: readonly string[];
  readonly parameters: number;
  readonly bytes: number;
  readonly shape: DataShape;
  readonly metric: { readonly id: string; readonly title: string; readonly better: 'higher' | 'lower' };
  readonly names: readonly string[] | null;
  /** Whether it is a language model that can go on writing text. */
  readonly writes: boolean;
  /** Samples of a data set in the plane, to draw behind the decision surface: x0, y0, x1, y1, … and their classes. */
  readonly points: { readonly x: Float32Array; readonly y: Int32Array } | null;
  /** The graph of a network that came from a file. */
  readonly outline: readonly OutlineNode[] | null;
}

/** One recorded step: probe by probe, then site by site. */
export interface StepRecord {
  readonly step: number;
  readonly values: Float64Array;
}

/** What the network says on a grid over [−extent, extent]²: the winning class and by how much (0 to 1). */
export interface Surface {
  readonly side: number;
  readonly extent: number;
  readonly winner: Uint8Array;
  readonly margin: Float32Array;
}

/** Which test sample the network is asked about, and which site's pictures of it are wanted. */
export interface Question {
  readonly sample: number;
  readonly site: number | null;
}

/** What the network says of the sample, and the sites that offer pictures. */
export type Reply = Answer & { readonly offers: readonly MapInfo[] };

/** How a text is to go on. */
export type Writing = GenerateOptions;

/** How it went on, what could have come first, and after how many steps of training. */
export interface Written {
  readonly ok: true;
  readonly text: string;
  readonly next: readonly NextCharacter[];
  readonly step: number;
}

/** The news since the last frame; at most one an animation frame. */
export interface LabFrame {
  readonly run: number;
  readonly step: number;
  readonly loss: number;
  readonly lr: number;
  readonly records: readonly StepRecord[];
  /** Losses of the steps `from`, `from + 1`, … */
  readonly losses: { readonly from: number; readonly values: Float32Array };
  readonly metrics: readonly { readonly step: number; readonly value: number }[];
  readonly report: DiagnosisReport | null;
  /** What the newest record tells beside its probes, by site: gradients along time, gates, branches. */
  readonly details: Readonly<Record<number, SiteDetails>> | null;
  /** How the numbers are spread at the site that is looked at. */
  readonly spread: (SiteSpread & { readonly site: number }) | null;
  readonly picture: SitePicture | null;
  readonly surface: Surface | null;
  readonly reply: Reply | null;
  readonly stepMs: number;
  readonly probeShare: number;
  readonly playing: boolean;
  /** `done`: the spec's steps are made; `nonFinite`: the loss was not finite. */
  readonly ended: 'done' | 'nonFinite' | null;
}

/** Steps in a second, or as many as there is time for. */
export type Speed = number | 'max';

export interface OpenOptions {
  readonly language: Language;
  readonly play: boolean;
  readonly speed: Speed;
  /** What the spec needs beside itself. */
  readonly given: Given | null;
}

/** What a page can ask of its worker. */
export interface EngineApi {
  /** Answers as soon as it can. */
  ping(): void;
  catalogue(): Promise<Catalogue>;
  /** Replaces the run. It makes its first step at once, so that there is something to see. */
  open(spec: SpecInput, options: OpenOptions, push: (frame: LabFrame) => void): Promise<Opened | Refusal>;
  play(): void;
  pause(): void;
  step(): void;
  setSpeed(speed: Speed): void;
  setLanguage(language: Language): void;
  /** The site whose raw numbers frames should carry, or null. */
  look(site: number | null): void;
  /** The run as a file; rejects with the reason where the format cannot hold it. */
  take(format: WorkerFormat): Promise<Blob>;
  /** The question that frames should answer, as the weights change; null: none. */
  ask(question: Question | null): void;
  /** Lets a language model write; null where it was asked again meanwhile, or there is no run. */
  write(options: Writing): Promise<Written | Refusal | null>;
  /** SHA-256 over weights and trace, for comparing runs between machines; null where there is no run. */
  digest(): Promise<string | null>;
  /** Trains a spec to its end with exact kernels and gives its digest. */
  digestOf(spec: SpecInput): Promise<string>;
}
