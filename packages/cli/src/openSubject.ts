import { EngineError, importedRun, resolveSpec, type RunSpec } from '@fuga/engine';
import { readGivenData, readSpecFile, specFileOf } from './data/readData.js';
import { Failure, failureAt, type Source } from './failure.js';
import { isNetwork, readNetwork, type NetworkFile, type NetworkFlags } from './network.js';
import { readSubject, resolveSubject, within } from './subject.js';
import type { GivenData } from './tasks/task.js';

/** A file ready to be run: what it says, all defaults filled in, and the data that it names in other files. */
export interface OpenSubject {
  /** The text that errors can point into; null for a network's file. */
  readonly source: Source | null;
  readonly spec: RunSpec;
  readonly data: GivenData | null;
  readonly network: NetworkFile | null;
  /** Most steps that a diagnosis should look at, where they are costly. */
  readonly window?: number;
}

/** Reads a spec, or a network's file, and, where its data lie in files, these too. */
export async function openSubject(path: string, flags: NetworkFlags): Promise<OpenSubject> {
  if (await isNetwork(path)) return openNetwork(path, flags);
  const subject = await readSubject(path, flags.scale === undefined ? {} : { scale: flags.scale });
  const file =
    flags.data === undefined ? within(subject.source, () => specFileOf(subject.input, path)) : null;
  const data = file
    ? await readSpecFile(file).catch((error: unknown) => {
        throw error instanceof EngineError ? failureAt(error, subject.source) : error;
      })
    : flags.data === undefined
      ? null
      : await readGivenData(flags.data);
  const spec = resolveSubject(subject, flags, data?.shape);
  return {
    source: subject.source,
    // The resolved spec may be stored elsewhere, so it names the file by its whole path.
    spec: file ? { ...spec, data: { ...spec.data, [file.key]: file.path } } : spec,
    data,
    network: null,
  };
}

async function openNetwork(path: string, flags: NetworkFlags): Promise<OpenSubject> {
  const network = await readNetwork(path, flags);
  try {
    const { spec, options, window } = await importedRun(network.files, network.settings);
    return { source: null, spec: resolveSpec(spec, options.data.shape), data: null, network, window };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { message, exitCode } = failureAt(error, null);
    throw new Failure(`${path}: ${message}`, exitCode);
  }
}
