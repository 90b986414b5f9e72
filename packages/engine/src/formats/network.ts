import { EngineError } from '../core/errors.js';
import { parseJson, readKerasArchive } from './keras/archive.js';
import { readKeras } from './keras/keras.js';
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
export const networkEndings = ['.onnx', '.keras', '.json'] as const;

/**
 * Reads a network by its ending: ONNX, a `.keras` archive, or the JSON of a Keras or tfjs layers model.
 *
 * Errors: `FORMAT` where the file is broken; `UNSUPPORTED` for formats that run code (pickle) or are not read (HDF5),
 * with the lines that convert them.
 */
export function readNetworkFile({ name, bytes, beside = new Map() }: NetworkFile): NetworkSourceFile {
  const ending = /\.[^.]*$/.exec(name.toLowerCase())?.[0] ?? '';
  if (isPickle(bytes) || pickles.includes(ending)) {
    throw new EngineError(
      'UNSUPPORTED',
      `${name} is a pickle, which can run any program when it is opened, so it is not read. Convert it in Python:\n${convert}`,
    );
  }
  if (ending === '.h5' || ending === '.hdf5' || isHdf5(bytes)) {
    throw new EngineError(
      'UNSUPPORTED',
      `${name} is HDF5, which is not read. Convert it in Python:\npython -m tf2onnx.convert --keras ${name} --output model.onnx`,
    );
  }
  if (ending === '.keras') return keras(name, readKerasArchive(bytes), beside);
  if (ending === '.json') return keras(name, parseJson(new TextDecoder().decode(bytes)), beside);
  return { model: bytes, name, externals: beside, hasWeights: true };
}

function keras(name: string, json: unknown, beside: ReadonlyMap<string, Uint8Array>): NetworkSourceFile {
  const { model, hasWeights } = readKeras(json, beside);
  return { model, name, hasWeights };
}

/** A pickle starts with PROTO, or is a zip (PyTorch's own) with `data.pkl` near its start. */
function isPickle(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5) return true;
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return false;
  return new TextDecoder('latin1').decode(bytes.subarray(0, 256)).includes('data.pkl');
}

function isHdf5(bytes: Uint8Array): boolean {
  return [0x89, 0x48, 0x44, 0x46].every((byte, i) => bytes[i] === byte);
}
