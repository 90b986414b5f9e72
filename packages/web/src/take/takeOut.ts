// Runs in the worker, loaded when something is first taken out.
import {
  diagnose,
  EngineError,
  exportImported,
  exportPyTorch,
  saveWeights,
  writeSpec,
  writeTrace,
  type ImportedNetwork,
  type DiagnosisReport,
  type Run,
  type RunSpec,
  type Trace,
} from '@fuga/engine';
import type { SpecInput } from '../worker/protocol.js';
import type { Session } from '../worker/session.js';
import type { WorkerFormat } from './formats.js';
import { measurements } from './measurements.js';

/** What is taken out of: a run, or what is left of one. */
export interface Source {
  readonly trace: Trace;
  /** The spec as people wrote it; null where a trace came alone. */
  readonly written: SpecInput | null;
  readonly report: () => DiagnosisReport | null;
  readonly run: Run | null;
  /** The file that the network came from, as it was read. */
  readonly network: ImportedNetwork | null;
}

const makers: Readonly<Record<WorkerFormat, (source: Source) => BlobPart[]>> = {
  csv: ({ trace }) => measurements(trace),
  trace: ({ trace }) => [writeTrace(trace)],
  report: ({ report }) => [JSON.stringify(had(report(), 'a diagnosis'), null, 2), '\n'],
  weights: ({ run }) => [saveWeights(had(run, 'weights'))],
  spec: ({ written }) => [writeSpec(had(written, 'a spec') as unknown as RunSpec)],
  onnx: ({ run, network }) => [
    exportImported(had(run, 'weights'), had(network, 'a file that it came from')) as Uint8Array<ArrayBuffer>,
  ],
  pytorch: ({ written }) => [exportPyTorch(had(written, 'a spec')).code],
};

/** Writes one file. Errors: `UNSUPPORTED` where the format cannot hold this network, or the run lacks what it takes. */
export function takeOut(format: WorkerFormat, source: Source): Blob {
  return new Blob(makers[format](source));
}

/** Of a running session. */
export function sourceOf({ run, written, network, language }: Session): Source {
  return { trace: run.trace, written, run, network, report: () => diagnose(run, { language }) };
}

function had<T>(value: T | null, what: string): T {
  if (value !== null) return value;
  throw new EngineError('UNSUPPORTED', `this run lacks ${what}`);
}
