// What crosses between the page and its desks: the workers that check, treat, try and export specs.
import type {
  Cost,
  Effect,
  Finding,
  LayerSpec,
  MemoryNeed,
  Place,
  RunSpec,
  SiteInfo,
  TrialResult,
} from '@fuga/engine';
import type { Found, Given, Reading, ReadingContext, Recording } from '../take/brought.js';
import type { WorkerFormat } from '../take/formats.js';
import type { GraphNode, Layout } from '../take/graph/sizes.js';
import type { Language, Refusal, SpecInput } from './protocol.js';

/** A network before it takes any memory. */
export interface Described {
  readonly ok: true;
  readonly spec: RunSpec;
  readonly layers: readonly LayerSpec[];
  readonly sites: readonly SiteInfo[];
  readonly parameters: number;
  readonly memory: MemoryNeed;
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** A remedy as the page offers it. */
export interface Offer {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly does: string;
  readonly source: string;
  readonly effort: 1 | 2 | 3;
  /** Place in the order of what the findings ask for; null where none does. */
  readonly rank: number | null;
  /** Why it cannot be tried on this patient, or null. */
  readonly refused: string | null;
}

/** A trial while it runs, and its picture of the gradient. */
export interface TrialFrame {
  readonly step: number;
  readonly steps: number;
  /** Losses since the last frame. */
  readonly losses: Float32Array;
  /** rms(gradient) at each outermost site, input first. */
  readonly gradient: Float64Array;
}

/** What a comparison over seeds came to. */
export interface Verdict {
  readonly effect: Effect;
  readonly cost: Cost;
  readonly before: 'healthy' | 'unhealthy';
  readonly after: 'healthy' | 'unhealthy';
}

/** What a page can ask of a desk. */
export interface DeskApi {
  describe(spec: SpecInput): Promise<Described | Refusal>;
  /** YAML or JSON as plain data, or where it is wrong. */
  parse(
    text: string,
  ): { readonly ok: true; readonly spec: SpecInput } | (Refusal & { readonly place: Place });
  write(spec: SpecInput): string;
  locate(text: string, path: readonly (string | number)[]): Place;
  offers(spec: SpecInput, findings: readonly Finding[], language: Language): Promise<Offer[]>;
  treat(
    spec: SpecInput,
    remedies: readonly string[],
    findings: readonly Finding[],
    language: Language,
  ): Promise<{ readonly ok: true; readonly spec: RunSpec } | { readonly ok: false; readonly reason: string }>;
  trial(spec: SpecInput, language: Language, push: (frame: TrialFrame) => void): Promise<TrialResult>;
  judge(before: readonly TrialResult[], after: readonly TrialResult[]): Verdict;
  /** What specs need beside themselves from now on: a network's file, data. */
  give(given: Given | null): void;
  /** Reads files that were dropped on the page. */
  read(found: readonly Found[], context: ReadingContext): Promise<Reading>;
  /** A recording as a file. */
  takeRecording(format: WorkerFormat, recording: Recording): Promise<Blob>;
  /** Places the nodes of a graph, in layers. */
  layout(nodes: readonly GraphNode[]): Promise<Layout>;
}
