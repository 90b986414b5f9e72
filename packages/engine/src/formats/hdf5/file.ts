import { nearestName } from '../../core/errors.js';
import { attributesOf, textsOf, type Attribute } from './attributes.js';
import { Hdf5Bytes, isHdf5 } from './bytes.js';
import { Hdf5Dataset } from './dataset.js';
import { GlobalHeap } from './heaps.js';
import { linksOf, type Link } from './links.js';
import { messagesOf, type Message } from './messages.js';

const MOST_STEPS_OF_A_PATH = 64;

/** What all groups of a file share. */
interface Opened {
  readonly file: Hdf5Bytes;
  readonly heap: GlobalHeap;
}

/**
 * Opens an HDF5 file as h5py writes it: superblocks of versions 0 to 3, groups of both kinds, text attributes, and
 * datasets that lie compact, in one piece or in chunks under gzip, shuffle and checksums.
 *
 * Nothing is read before it is asked for. Links to other files are never followed.
 *
 * Errors: `FORMAT` where the file is damaged or not HDF5; `UNSUPPORTED` for other compressions and types.
 * Source: HDF5 File Format Specification 3.0, II (superblock).
 */
export function openHdf5(name: string, bytes: Uint8Array): Hdf5Group {
  const file = new Hdf5Bytes(name, bytes);
  if (!isHdf5(bytes)) file.fail('it does not start as an HDF5 file');
  const version = file.u8(8);
  if (version > 3) file.fail(`its superblock has version ${version}; 0 to 3 are read`);
  const isOld = version < 2;
  const sizes = isOld ? 13 : 9;
  if (file.u8(sizes) !== 8 || file.u8(sizes + 1) !== 8) {
    file.fail(`its addresses have ${file.u8(sizes)} bytes, its lengths ${file.u8(sizes + 1)}; 8 are read`);
  }
  const addresses = version === 0 ? 24 : version === 1 ? 28 : 12;
  if (file.u64(addresses) !== 0) file.fail('something lies before its start (a user block)');
  const end = file.u64(addresses + 16);
  if (end > bytes.length) {
    file.fail(`it says it has ${end} bytes, there are ${bytes.length}: it was not copied whole`);
  }
  const root = file.address(addresses + (isOld ? 40 : 24)) ?? file.fail('it has no root group');
  return new Hdf5Group({ file, heap: new GlobalHeap(file) }, '', messagesOf(file, root));
}

/** A group: members by name, and attributes. */
export class Hdf5Group {
  /** Names from the root on, `model_weights/dense`. */
  readonly path: string;
  readonly #opened: Opened;
  readonly #messages: readonly Message[];
  #links: ReadonlyMap<string, Link> | null = null;
  #attributes: ReadonlyMap<string, Attribute> | null = null;
  readonly #texts = new Map<string, readonly string[]>();
  readonly #members = new Map<string, Hdf5Group | Hdf5Dataset>();

  constructor(opened: Opened, path: string, messages: readonly Message[]) {
    this.path = path;
    this.#opened = opened;
    this.#messages = messages;
  }

  /** The file's name. */
  get fileName(): string {
    return this.#opened.file.name;
  }

  /** Names of its members. */
  get names(): readonly string[] {
    return [...this.#linked().keys()];
  }

  /** The group at a path within this one, or null where there is none. */
  group(path: string): Hdf5Group | null {
    const found = this.#at(path);
    return found instanceof Hdf5Group ? found : null;
  }

  /** The dataset at a path within this one, or null where there is none. */
  dataset(path: string): Hdf5Dataset | null {
    const found = this.#at(path);
    return found instanceof Hdf5Dataset ? found : null;
  }

  /** The texts of an attribute; null where there is none of that name or it holds no text. */
  texts(name: string): readonly string[] | null {
    const known = this.#texts.get(name);
    if (known) return known;
    const { file, heap } = this.#opened;
    this.#attributes ??= attributesOf(file, this.#messages);
    const attribute = this.#attributes.get(name);
    const texts = attribute ? textsOf(file, heap, attribute) : null;
    if (texts) this.#texts.set(name, texts);
    return texts;
  }

  /** A member's name near to `name`, for messages. */
  near(name: string): string | null {
    return nearestName(name, this.names);
  }

  #at(path: string): Hdf5Group | Hdf5Dataset | null {
    const steps = path.split('/').filter(Boolean);
    if (steps.length > MOST_STEPS_OF_A_PATH) this.#opened.file.fail(`the path "${path}" has too many steps`);
    return steps.reduce<Hdf5Group | Hdf5Dataset | null>(
      (here, step) => (here instanceof Hdf5Group ? here.#member(step) : null),
      this,
    );
  }

  #member(name: string): Hdf5Group | Hdf5Dataset | null {
    const known = this.#members.get(name);
    if (known) return known;
    const link = this.#linked().get(name);
    if (link === undefined) return null;
    const { file, heap } = this.#opened;
    const path = this.path === '' ? name : `${this.path}/${name}`;
    const address =
      typeof link === 'number' ? link : file.fail(`"${path}" is a ${link} link, which is not followed`);
    const messages = messagesOf(file, address);
    const made =
      linksOf(file, messages) === null
        ? new Hdf5Dataset(file, path, messages, dtypeOf(file, heap, messages))
        : new Hdf5Group(this.#opened, path, messages);
    this.#members.set(name, made);
    return made;
  }

  #linked(): ReadonlyMap<string, Link> {
    return (this.#links ??= linksOf(this.#opened.file, this.#messages) ?? new Map());
  }
}

/** Keras says in an attribute what NumPy has no name for. */
function dtypeOf(file: Hdf5Bytes, heap: GlobalHeap, messages: readonly Message[]): string | null {
  const attribute = attributesOf(file, messages).get('dtype');
  return attribute ? (textsOf(file, heap, attribute)?.[0] ?? null) : null;
}
