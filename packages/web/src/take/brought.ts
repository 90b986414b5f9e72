// What is brought into the lab: plain data that crosses the worker's border. Files go as handles, not as bytes.
import type { MissingOp, Place, RunSpec, Trace } from '@fuga/engine';
import type { DiagnosisReport } from '@fuga/engine';
import type { SpecInput } from '../worker/protocol.js';

/** A file that was dropped or chosen; `path` as in the folder it lay in. */
export interface Found {
  readonly path: string;
  readonly file: File;
}

/** What a spec needs beside itself: a network's file and those beside it, data, weights to start from. */
export interface Given {
  /** Tells one given from another, so that a worker reads each once. */
  readonly id: number;
  readonly network: {
    readonly file: File;
    readonly beside: readonly File[];
    readonly shape: readonly number[] | null;
  } | null;
  readonly data: File | null;
  readonly weights: File | null;
}

/** A run of the past. */
export interface Recording {
  readonly name: string;
  readonly trace: Trace;
  /** Names of the probes, in the order of a record's values. */
  readonly probes: readonly string[];
  /** What the run was of; null where the trace came alone. */
  readonly spec: RunSpec | null;
  readonly written: SpecInput | null;
  readonly weights: File | null;
  /** Null where there is no spec, or `why` it cannot be diagnosed. */
  readonly report: DiagnosisReport | null;
  readonly why: string | null;
}

export type Brought =
  | { readonly kind: 'spec'; readonly name: string; readonly spec: SpecInput; readonly given: Given | null }
  | { readonly kind: 'recording'; readonly recording: Recording }
  | {
      readonly kind: 'weights';
      readonly weights: File;
      readonly loaded: number;
      readonly missing: number;
      readonly unused: number;
    };

/** Why a file was not taken, as a key into the words; `engine`: the engine says it itself. */
export type FaultKind =
  | 'engine'
  | 'pickle'
  | 'size'
  | 'unknown'
  | 'sweep'
  | 'journal'
  | 'report'
  | 'many'
  | 'empty'
  | 'binary'
  | 'missing'
  | 'data'
  | 'table';

export interface Fault {
  readonly kind: FaultKind;
  readonly file: string;
  /** The engine's words. */
  readonly reason?: string;
  /** Where in a text, and the line itself. */
  readonly place?: Place;
  readonly line?: string;
  /** Bytes allowed, and bytes that came. */
  readonly most?: number;
  readonly size?: number;
  /** Ops that cannot be trained here. */
  readonly ops?: readonly MissingOp[];
  /** The network leaves axes open: asking for its input's shape helps. */
  readonly wantsShape?: boolean;
}

/** What became of what was dropped. */
export interface Reading {
  readonly brought: Brought | null;
  readonly faults: readonly Fault[];
}

/** What the reader is told beside the files. */
export interface ReadingContext {
  /** What weights are put onto. */
  readonly spec: SpecInput;
  readonly given: Given | null;
  readonly language: 'en' | 'pt-BR';
  /** Shape of the network's input, batch first, where its file leaves axes open. */
  readonly shape: readonly number[] | null;
}

/** The two lines that turn a pickle into files that are read without running anything. */
export const unpickle = `torch.onnx.export(model, example_input, 'model.onnx', training=torch.onnx.TrainingMode.TRAINING)
safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')`;
