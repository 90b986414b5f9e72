import {
  EngineError,
  exportPyTorch,
  floatsOf,
  readSafetensors,
  writeOnnxAsPyTorch,
  writeSafetensors,
  type PyTorchText,
} from '@fuga/engine';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, failureAt, readFailure, writeFailure } from './failure.js';
import { isNetwork, readNetwork, type NetworkFlags } from './network.js';
import { openSubject } from './openSubject.js';
import { makeFolder, writeFileAtomic } from './sweep/atomicFile.js';
import { keptRuns } from './sweep/exportFolder.js';
import { keptFiles } from './sweep/keep.js';

const specs = ['spec.yaml', 'spec.json'];

/** A spec, or the spec of a run's folder, as PyTorch. */
async function pyTorchOf(path: string): Promise<PyTorchText> {
  const { spec, data } = await openSubject(path, {});
  return exportPyTorch(spec, data?.shape);
}

/** A file as PyTorch: a spec's network without weights, a network's file with those it has (safetensors). */
export async function exportFileToPyTorch(
  path: string,
  flags: NetworkFlags,
): Promise<{ readonly code: string; readonly weights: Uint8Array | null }> {
  if (!(await isNetwork(path))) return { code: (await pyTorchOf(path)).code, weights: null };
  const { files, settings } = await readNetwork(path, flags);
  try {
    const { code, tensors } = writeOnnxAsPyTorch(files, settings.shape ? { shape: settings.shape } : {});
    return { code, weights: writeSafetensors(tensors, { format: 'pt' }) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { message, exitCode } = failureAt(error, null);
    throw new Failure(`${path}: ${message}`, exitCode);
  }
}

/**
 * Writes `model.py`, and the run's weights under the names that `Network().load_state_dict` knows; of a sweep, each
 * trial that it kept in a folder of its own.
 */
export async function exportFolderToPyTorch(folder: string, out: string): Promise<string[]> {
  const own = await firstOf(folder, specs);
  if (own !== null) return writeRun(own, folder, out);
  const paths: string[] = [];
  for (const { name, path } of await keptRuns(folder, keptFiles.spec)) {
    const to = join(out, name);
    await makeFolder(to).catch((error: unknown) => {
      throw writeFailure(to, error);
    });
    paths.push(...(await writeRun(join(path, keptFiles.spec), path, to)));
  }
  return paths;
}

async function writeRun(spec: string, folder: string, out: string): Promise<string[]> {
  const text = await pyTorchOf(spec);
  const [model, weights] = [join(out, 'model.py'), join(out, 'weights.safetensors')];
  const kept = await firstOf(folder, ['weights.safetensors']);
  try {
    await writeFileAtomic(model, text.code);
    if (kept === null) return [model];
    await writeFileAtomic(weights, renamed(new Uint8Array(await readFile(kept)), text));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw (error as NodeJS.ErrnoException).syscall === 'open'
      ? writeFailure(out, error)
      : readFailure(folder, error);
  }
  return [model, weights];
}

/** The same numbers under PyTorch's names and shapes. */
function renamed(file: Uint8Array, { state }: PyTorchText): Uint8Array {
  const { tensors } = readSafetensors(file);
  return writeSafetensors(
    state.map(({ path, key, shape }) => {
      const tensor = tensors[path];
      if (!tensor) throw new Failure(`the weights lack "${path}": they are of another network than the spec`);
      return { name: key, shape: shape ?? tensor.shape, values: floatsOf(tensor) };
    }),
    { format: 'pt' },
  );
}

async function firstOf(folder: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const path = join(folder, name);
    if (
      await stat(path).then(
        (file) => file.isFile(),
        () => false,
      )
    )
      return path;
  }
  return null;
}
