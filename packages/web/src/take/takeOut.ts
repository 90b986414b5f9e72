// Runs in the worker, loaded when something is first taken out.
import {
  diagnose,
  exportPyTorch,
  writeSafetensors,
  writeSpec,
  writeTrace,
  type Run,
  type RunSpec,
} from '@fuga/engine';
import type { Language, SpecInput } from '../worker/protocol.js';
import type { WorkerFormat } from './formats.js';
import { measurements } from './measurements.js';

/** What is taken out of: the run, and its spec as people wrote it. */
export interface Source {
  readonly run: Run;
  readonly written: SpecInput;
  readonly language: Language;
}

const makers: Readonly<Record<WorkerFormat, (source: Source) => BlobPart[]>> = {
  csv: ({ run }) => measurements(run.trace),
  trace: ({ run }) => [writeTrace(run.trace)],
  report: ({ run, language }) => [JSON.stringify(diagnose(run, { language }), null, 2), '\n'],
  weights: ({ run }) => [weightsOf(run)],
  spec: ({ written }) => [writeSpec(written as unknown as RunSpec)],
  pytorch: ({ written }) => [exportPyTorch(written).code],
};

/** Writes one file. Errors: `UNSUPPORTED` where the format cannot hold this network. */
export function takeOut(format: WorkerFormat, source: Source): Blob {
  return new Blob(makers[format](source));
}

/** Every parameter and kept state by its path, as `fuga train` writes them. */
function weightsOf({ arena, parameters, spec, trace }: Run): Uint8Array<ArrayBuffer> {
  return writeSafetensors(
    parameters.all.map(({ path, tensor }) => ({
      name: path,
      shape: tensor.shape,
      values: arena.read(
        tensor.data,
        tensor.shape.reduce((size, axis) => size * axis, 1),
      ),
    })),
    { format: 'fuga', name: spec.name, seed: String(spec.seed), steps: String(trace.steps) },
  );
}
