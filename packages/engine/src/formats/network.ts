import { EngineError } from '../core/errors.js';
import { isHdf5 } from './hdf5/bytes.js';
import { openHdf5 } from './hdf5/file.js';
import { parseJson, readKerasArchive } from './keras/archive.js';
import { readKeras, type KerasFiles } from './keras/keras.js';
import type { OnnxFiles } from './onnx/import.js';

/** A network's file and those beside it, by name. */
export interface NetworkFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly beside?: ReadonlyMap<string, Uint8Array>;
}

/** A file that holds a network, read as far as the importer needs it. */
export interface NetworkSourceFile extends OnnxFiles {
  readonly name: string;
  /** Without weights the network must be drawn anew (`reinit`). */
  readonly hasWeights: boolean;
}

const pickles = ['.pt', '.pth', '.pkl', '.pickle', '.ckpt', '.joblib', '.bin'];

/** What to type instead of opening a pickle. */
const convert = `torch.onnx.export(model, example_input, 'model.onnx', training=torch.onnx.TrainingMode.TRAINING)
safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')`;

/** Endings of files that hold a network. */
export const networkEndings = ['.onnx', '.keras', '.h5', '.hdf5', '.json'] as const;

/** Whether a file's name is that of an HDF5 file: a whole Keras model, or its weights. */
export function isHdf5Name(name: string): boolean {
  return /\.(h5|hdf5)$/i.test(name);
}

/**
 * Which of the files beside a Keras model's JSON holds its weights: `model.weights.h5` or `model.h5` for `model.json`,
 * else the only HDF5 file there is; null where there is none, and for tfjs models, which name theirs themselves.
 *
 * Errors: `FORMAT` where several may be meant.
 */
export function weightsBeside({ name, bytes }: NetworkFile, beside: Iterable<string>): string | null {
  const found = [...beside].filter(isHdf5Name);
  if (found.length === 0 || new TextDecoder().decode(bytes).includes('"weightsManifest"')) return null;
  const stem = name.replace(/\.json$/i, '');
  const own = ['.weights.h5', '_weights.h5', '.h5', '.weights.hdf5', '.hdf5'].map((ending) => stem + ending);
  const named = own.find((each) => found.includes(each)) ?? null;
  if (named !== null) return named;
  if (found.length === 1) return found[0]!;
  throw new EngineError(
    'FORMAT',
    `${found.length} files beside ${name} may hold its weights (${found.slice(0, 4).join(', ')}); name the right one ${own[0]!}`,
  );
}

/**
 * Reads a network by its ending: ONNX, a `.keras` archive, a whole Keras model in HDF5, or the JSON of a Keras or tfjs
 * layers model with its weights beside it.
 *
 * Errors: `FORMAT` where the file is broken; `UNSUPPORTED` for formats that run code (pickle), with the lines that
 * convert them.
 */
export function readNetworkFile({ name, bytes, beside = new Map() }: NetworkFile): NetworkSourceFile {
  const ending = /\.[^.]*$/.exec(name.toLowerCase())?.[0] ?? '';
  if (isPickle(bytes) || pickles.includes(ending)) {
    throw new EngineError(
      'UNSUPPORTED',
      `${name} is a pickle, which can run any program when it is opened, so it is not read. Convert it in Python:\n${convert}`,
    );
  }
  if (isHdf5Name(name) || isHdf5(bytes)) return kerasHdf5(name, bytes);
  if (ending === '.keras') {
    const { config, weights, version } = readKerasArchive(bytes);
    const inside = `${name}: model.weights.h5`;
    return keras(name, config, { hdf5: weights && openHdf5(inside, weights), version });
  }
  if (ending === '.json') {
    const json = parseJson(new TextDecoder().decode(bytes));
    const weights = weightsBeside({ name, bytes }, beside.keys());
    const hdf5 = weights === null ? null : openHdf5(weights, beside.get(weights)!);
    return keras(name, json, { shards: beside, hdf5 });
  }
  return { model: bytes, name, externals: beside, hasWeights: true };
}

/** A file that `model.save('model.h5')` writes: the architecture in an attribute, the weights beside it. */
function kerasHdf5(name: string, bytes: Uint8Array): NetworkSourceFile {
  const hdf5 = openHdf5(name, bytes);
  const config = hdf5.texts('model_config')?.[0];
  if (config === undefined) {
    throw new EngineError(
      'FORMAT',
      `${name} holds weights without an architecture; write the architecture beside it (model.to_json()) and open that file`,
    );
  }
  return keras(name, parseJson(config), { hdf5, version: hdf5.texts('keras_version')?.[0] ?? null });
}

function keras(name: string, json: unknown, files: KerasFiles): NetworkSourceFile {
  const { model, hasWeights } = readKeras(json, files);
  return { model, name, hasWeights };
}

/** A pickle starts with PROTO, or is a zip (PyTorch's own) with `data.pkl` near its start. */
function isPickle(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5) return true;
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return false;
  return new TextDecoder('latin1').decode(bytes.subarray(0, 256)).includes('data.pkl');
}
