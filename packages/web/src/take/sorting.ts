import type { Fault, Found } from './brought.js';

/** What a file is taken for, by its name and its first bytes. */
export type Kind = 'spec' | 'trace' | 'network' | 'tensors' | 'numpy' | 'beside';

/** Most bytes of a file of each kind: refused before a byte is read. */
const most: Readonly<Record<Kind, number>> = {
  spec: 4e6,
  trace: 512 * 2 ** 20,
  network: 2 ** 30,
  tensors: 2 ** 30,
  numpy: 512 * 2 ** 20,
  beside: 2 ** 30,
};

const pickles = ['pt', 'pth', 'pkl', 'pickle', 'ckpt', 'joblib'];
const besideEndings = ['bin', 'data', 'weights', 'weight', 'raw', 'onnx_data'];
/** Bytes of a JSON file that tell what it is. */
const HEAD = 65_536;

/** Files of a drop, by what they are, and those that are not taken. */
export interface Sorted {
  readonly byKind: Readonly<Record<Kind, readonly Found[]>>;
  readonly faults: readonly Fault[];
}

/** Sorts files by kind. Reads no more than the heads of JSON files. */
export async function sortFiles(found: readonly Found[]): Promise<Sorted> {
  const byKind: Record<Kind, Found[]> = {
    spec: [],
    trace: [],
    network: [],
    tensors: [],
    numpy: [],
    beside: [],
  };
  const faults: Fault[] = [];
  for (const each of found) {
    const kind = await kindOf(each);
    if (kind === null) continue;
    if (typeof kind !== 'string') faults.push(kind);
    else if (each.file.size > most[kind]) {
      faults.push({ kind: 'size', file: each.path, most: most[kind], size: each.file.size });
    } else byKind[kind].push(each);
  }
  // HDF5 with the JSON of a Keras model holds its weights; alone it is a model of its own.
  const endsAs = ({ path }: Found, ...endings: string[]) =>
    endings.some((ending) => path.toLowerCase().endsWith(ending));
  if (byKind.network.some((each) => endsAs(each, '.json'))) {
    const weights = byKind.network.filter((each) => endsAs(each, '.h5', '.hdf5'));
    byKind.beside.push(...weights);
    byKind.network = byKind.network.filter((each) => !weights.includes(each));
  }
  return { byKind, faults };
}

/** What a file is; null: nothing to be taken or told (a report's page, a picture beside a model). */
async function kindOf({ path, file }: Found): Promise<Kind | Fault | null> {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const ending = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : '';
  const alone = !path.includes('/');
  if (pickles.includes(ending)) return { kind: 'pickle', file: path };
  if (name === 'journal.jsonl') return alone ? { kind: 'journal', file: path } : null;
  if (name === 'histograms.json') return null;
  switch (ending) {
    case 'onnx':
    case 'keras':
    case 'h5':
    case 'hdf5':
      return 'network';
    case 'safetensors':
      return 'tensors';
    case 'npz':
      return 'numpy';
    case 'csv':
    case 'tsv':
    case 'npy':
      return alone ? { kind: 'table', file: path } : null;
    case 'yaml':
    case 'yml':
      return /^sweep\b/.test(name) && !alone ? { kind: 'sweep', file: path } : 'spec';
    case 'json':
    case 'jsonl':
      return kindOfJson(path, await file.slice(0, HEAD).text());
    default:
      if (besideEndings.includes(ending) || (ending === '' && !name.startsWith('.'))) return 'beside';
      return alone ? { kind: 'unknown', file: path } : null;
  }
}

function kindOfJson(path: string, head: string): Kind | Fault {
  if (head.includes('"fuga-trace-1"')) return 'trace';
  if (head.includes('"fuga-diagnosis-1"')) return { kind: 'report', file: path };
  if (/"fugaSweep"\s*:/.test(head)) return { kind: 'sweep', file: path };
  if (/"fuga"\s*:/.test(head)) return 'spec';
  if (/"(class_name|modelTopology|keras_version)"/.test(head)) return 'network';
  if (head.startsWith('{"event":"start"')) return { kind: 'journal', file: path };
  return 'spec';
}
