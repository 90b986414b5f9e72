import {
  EngineError,
  importedRun,
  readNetworkFile,
  weightsBeside,
  type ImportedSettings,
  type OnnxFiles,
  type RunSpec,
} from '@fuga/engine';
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { readBytes } from './data/files.js';
import { readTensors } from './data/tensors.js';
import { Failure, failureAt } from './failure.js';
import type { Overrides } from './subject.js';
import type { GivenData } from './tasks/task.js';

/** A network's file and what to do with it: plain data that crosses threads. */
export interface NetworkFile {
  readonly files: OnnxFiles;
  readonly settings: ImportedSettings;
}

/** Flags about a network from a file. */
export interface NetworkFlags extends Overrides {
  readonly data?: string;
  readonly shape?: readonly number[];
  readonly reinit?: boolean;
  /** Of a model file in Ultralytics' syntax. */
  readonly scale?: string;
}

/** Files beside a model that may hold its weights. */
const weightEndings = ['.safetensors', '.bin', '.data', '.weights', '.weight', '.raw', '.onnx_data', ''];

/** Endings of networks' files; a `.json` is one where it says so, pickles are refused with what to do. */
const refused = ['.pt', '.pth', '.pkl', '.pickle', '.ckpt', '.joblib'];
const complete = ['.keras', '.h5', '.hdf5'];
const endings = ['.onnx', ...complete, ...refused];

/** Whether a path is a network's file rather than a spec's. */
export async function isNetwork(path: string): Promise<boolean> {
  const ending = extname(path).toLowerCase();
  if (endings.includes(ending)) return true;
  if (ending !== '.json') return false;
  // Keras' and tfjs' JSON; a spec says `fuga`.
  const head = new TextDecoder().decode((await readBytes(path)).subarray(0, 65_536));
  return /"(class_name|modelTopology|keras_version)"/.test(head) && !/"fuga(Sweep)?"\s*:/.test(head);
}

/** Reads a network's file, the weights beside it, and the data for it. */
export async function readNetwork(path: string, flags: NetworkFlags): Promise<NetworkFile> {
  // What is refused by its name is not even opened.
  const file = await readFileOf(
    path,
    refused.includes(extname(path).toLowerCase()) ? new Uint8Array() : await readBytes(path),
    flags.reinit === true,
  );
  const given = flags.data === undefined ? null : await readTensors(flags.data);
  const { shape, reinit, loss, optimizer, lr, steps, seed } = flags;
  const settings: ImportedSettings = {
    ...(given ? { x: given.x } : {}),
    ...(given?.y ? { y: given.y } : {}),
    ...(shape ? { shape } : {}),
    // A file without weights describes a network that is yet to be drawn.
    ...(reinit || !file.hasWeights ? { reinit: true } : {}),
    ...(loss === undefined ? {} : { loss }),
    ...(optimizer === undefined && lr === undefined
      ? {}
      : { optimizer: { type: optimizer ?? 'sgd', ...(lr === undefined ? {} : { lr }) } }),
    ...(steps === undefined ? {} : { steps }),
    ...(seed === undefined ? {} : { seed }),
  };
  const { model, name, externals } = file;
  return { files: { model, name, ...(externals ? { externals } : {}) }, settings };
}

async function readFileOf(
  path: string,
  bytes: Uint8Array,
  reinit: boolean,
): Promise<ReturnType<typeof readNetworkFile>> {
  try {
    const beside = bytes.length === 0 ? new Map<string, Uint8Array>() : await besides(path, bytes, reinit);
    return readNetworkFile({ name: basename(path), bytes, beside });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { message, exitCode } = failureAt(error, null);
    throw new Failure(`${dirname(path) === '.' ? '' : `${dirname(path)}/`}${message}`, exitCode);
  }
}

/** Regular files in the model's own folder, by name: a model may refer to these and to no other. */
async function besides(
  path: string,
  bytes: Uint8Array,
  reinit: boolean,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const ending = extname(path).toLowerCase();
  if (complete.includes(ending)) return found;
  const folder = dirname(path);
  const entries = await readdir(folder, { withFileTypes: true });
  // No links, no folders.
  const names = entries
    .filter((entry) => entry.isFile() && entry.name !== basename(path))
    .map(({ name }) => name);
  const needsHdf5 = ending === '.json' && !reinit;
  const hdf5 = needsHdf5 ? weightsBeside({ name: basename(path), bytes }, names) : null;
  for (const name of names) {
    if (name === hdf5 || weightEndings.includes(extname(name).toLowerCase())) {
      found.set(name, await readBytes(join(folder, name)));
    }
  }
  return found;
}

/** What a job runs: its spec and data, or those of its network's file. */
export async function subjectOf(job: {
  readonly spec: RunSpec;
  readonly data: GivenData | null;
  readonly network: NetworkFile | null;
}): Promise<{ readonly spec: unknown; readonly data: GivenData | null }> {
  if (!job.network) return { spec: job.spec, data: job.data };
  const { spec, options } = await importedRun(job.network.files, job.network.settings);
  return { spec, data: options.data };
}

/** Parses `1,3,64,64`. */
export function readShape(text: string): number[] {
  const shape = text.split(/[,x×]/).map((axis) => Number(axis.trim()));
  if (shape.length === 0 || !shape.every((axis) => Number.isInteger(axis) && axis > 0)) {
    throw new Failure(`expected a shape such as 1,3,64,64, got "${text}"`);
  }
  return shape;
}
