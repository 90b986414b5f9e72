import type {
  DataShape,
  DiagnosisReport,
  ErrorCode,
  MemoryNeed,
  PathStep,
  RunSpec,
  Samples,
  Trace,
  Variant,
  TextSample,
} from '@fuga/engine';
import type { NetworkFile } from '../network.js';
import type { Language } from '../words/words.js';

/** Data that the main thread has read from a file. */
export interface GivenData {
  readonly shape: DataShape;
  readonly samples: Samples;
}

/** What every job says about the run. */
interface RunJob {
  readonly spec: RunSpec;
  readonly data: GivenData | null;
  /** A network from a file, in place of the spec's own; the worker reads it again, since it does not cross threads. */
  readonly network: NetworkFile | null;
  /** Weights to start from (.safetensors), in place of the init's. */
  readonly weights: Uint8Array | null;
  readonly exact: boolean;
  readonly language: Language;
}

/** Measure a network at its init and over a window of steps, and say what ails it. */
export interface DiagnoseJob extends RunJob {
  readonly task: 'diagnose';
  /** Steps to take; 1 looks at the init only. */
  readonly window: number;
}

/** Train to the end of the spec's steps; the folder gets weights and trace. */
export interface TrainJob extends RunJob {
  readonly task: 'train';
  readonly folder: string;
}

export type Job = DiagnoseJob | TrainJob;

/** How far a job is. Sent a few times a second, and after every step that takes long. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly stepMs: number;
  /** Metric on the test samples, where it was just taken. */
  readonly metric: { readonly title: string; readonly value: number } | null;
  /** What could be told if it stopped now; sent where steps take so long that a stop could not wait for one. */
  readonly snapshot: Outcome | null;
}

/** Facts about a finished (or stopped) run that the picture's foot shows. */
export interface RunFacts {
  readonly name: string;
  readonly parameters: number;
  readonly sites: number;
  readonly memory: MemoryNeed;
  readonly kernels: Variant;
  readonly steps: number;
  readonly wantedSteps: number;
  readonly stepMs: number;
  readonly probeShare: number;
  readonly elapsedMs: number;
  readonly loss: { readonly first: number; readonly last: number };
  readonly losses: readonly number[];
  /** Why training ended by itself. */
  readonly stopped: Trace['stopped'];
  /** Score on the test samples; null where it was not taken. */
  readonly metric: {
    readonly id: string;
    readonly title: string;
    readonly value: number;
    readonly better: 'higher' | 'lower';
    readonly samples: number;
  } | null;
}

/** By site: rms of the gradient with respect to the hidden state at each time step, at the init. */
export type TimeFlow = Readonly<Record<string, readonly number[]>>;

/** What a job gives back; `interrupted` where it was told to stop before its end. */
export type Outcome =
  | {
      readonly kind: 'diagnosed';
      /** The spec that was run, all defaults filled in. */
      readonly spec: RunSpec;
      readonly report: DiagnosisReport;
      readonly facts: RunFacts;
      readonly time: TimeFlow;
      readonly interrupted: boolean;
    }
  | {
      readonly kind: 'trained';
      readonly facts: RunFacts;
      readonly report: DiagnosisReport;
      /** What a language model writes after training; null for everything else. */
      readonly sample: TextSample | null;
      readonly interrupted: boolean;
    }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly reason: string;
      readonly path: readonly PathStep[];
    };

/** What a running job may say and ask. */
export interface Hooks {
  readonly progress: (progress: Progress) => void;
  readonly cancelled: () => boolean;
}
