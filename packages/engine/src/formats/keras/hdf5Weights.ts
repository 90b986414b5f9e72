import { EngineError } from '../../core/errors.js';
import type { Hdf5Dataset } from '../hdf5/dataset.js';
import type { Hdf5Group } from '../hdf5/file.js';
import { placesOf, type LayerPlace } from './places.js';
import type { StoredWeight, WeightSource } from './weights.js';

/** Names that a weight has had in Keras' versions. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  depthwise_kernel: ['depthwise_kernel', 'kernel'],
  kernel: ['kernel', 'depthwise_kernel'],
};

const what = 'save the architecture and the weights of one model';

/**
 * The weights of a Keras model from HDF5: `model.weights.h5` of a `.keras` file, a `.weights.h5` file, or the weights
 * of a whole-model or weights-only `.h5` of Keras 1 and 2.
 */
export function hdf5Weights(root: Hdf5Group, model: unknown): WeightSource {
  const places = placesOf(model);
  const named = root.group('model_weights') ?? root;
  const find = listOf(named, 'layer_names') ? byName(named) : byCount(root);
  return {
    find: (owner, name, index) => {
      const place = places.get(owner);
      const found = place && find(place, name, index);
      if (!found) return missing(root, owner, `no place for its weight "${name}"`);
      return storedAt(root, found);
    },
  };
}

type Find = (place: LayerPlace, name: string, index: number) => Hdf5Dataset;

/** Keras 3 (and 2.12 on): `layers/dense_1/vars/0`, a layer's weights by number. */
function byCount(root: Hdf5Group): Find {
  const oldLayers = root.group('layers') ? null : root.group('_layer_checkpoint_dependencies');
  if (!root.group('layers') && !oldLayers) {
    throw new EngineError(
      'FORMAT',
      `${root.fileName} holds no weights of a Keras model: it has ${list(root.names)}; expected "layers" or "model_weights"`,
    );
  }
  return ({ path: given, names }, name, index) => {
    const path = oldLayers ? given.replaceAll('layers/', '_layer_checkpoint_dependencies/') : given;
    // The weights of recurrent layers are their cells'.
    const groups = [`${path}/vars`, `${path}/cell/vars`];
    for (const group of groups) {
      const dataset = root.dataset(`${group}/${index}`);
      if (dataset) return dataset;
    }
    const parent = path.slice(0, path.lastIndexOf('/'));
    const there = root.group(path) ? '' : `; ${parent} has ${list(root.group(parent)?.names ?? [])}`;
    return missing(root, names.join('/'), `no dataset "${groups[0]}/${index}" for its ${name}${there}`);
  };
}

/** Keras 1 and 2, and `.h5` of Keras 3: a group a layer, in which `weight_names` lists the weights. */
function byName(group: Hdf5Group): Find {
  return ({ names }, name) => {
    const [top, ...inner] = names as [string, ...string[]];
    const layer = group.group(top);
    if (!layer) {
      const near = group.near(top);
      return missing(
        group,
        names.join('/'),
        `no group "${top}"${near ? `; did you mean "${near}"?` : ''} It has ${list(group.names)}`,
      );
    }
    const listed = listOf(layer, 'weight_names') ?? [];
    const wanted = aliases[name] ?? [name];
    // `dense/kernel:0`, within models `block/dense/kernel:0`, of cells `lstm/lstm_cell/kernel:0`.
    const fitting = listed
      .map((path) => ({ path, steps: path.replace(/:\d+$/, '').split('/') }))
      .filter(({ steps }) => wanted.includes(steps.at(-1)!));
    // Within a model its layers' names tell them apart, and where these are twice, the models' too.
    const chosen = [inner.slice(-1), inner, names]
      .map((own) => own.join('/'))
      .reduce((left, own) => {
        const fewer = left.filter(({ steps }) => contains(steps, own));
        return fewer.length > 0 || own === inner.at(-1) ? fewer : left;
      }, fitting);
    const dataset = chosen.length === 1 ? layer.dataset(chosen[0]!.path) : null;
    if (dataset) return dataset;
    const problem = chosen.length > 1 ? `${chosen.length} weights "${name}"` : `no weight "${name}"`;
    return missing(
      group,
      names.join('/'),
      `${problem} in the group "${layer.path}", which has ${list(listed)}`,
    );
  };
}

/** Whether a path has the steps of `name`, which may itself hold slashes. */
function contains(steps: readonly string[], name: string): boolean {
  return name === '' || `/${steps.join('/')}/`.includes(`/${name}/`);
}

/** A list of names in an attribute; long ones are in pieces `name0`, `name1`, … */
function listOf(group: Hdf5Group, name: string): readonly string[] | null {
  const whole = group.texts(name);
  if (whole) return whole;
  const all: string[] = [];
  for (let i = 0; ; i++) {
    const piece = group.texts(`${name}${i}`);
    if (!piece) return i === 0 ? null : all;
    all.push(...piece);
  }
}

function storedAt(root: Hdf5Group, dataset: Hdf5Dataset): StoredWeight {
  return {
    place: `${root.fileName}: the dataset "${dataset.path}"`,
    shape: dataset.shape,
    read: () => dataset.read(),
  };
}

function missing(group: Hdf5Group, layer: string, problem: string): never {
  throw new EngineError('FORMAT', `${group.fileName} has for the layer "${layer}" ${problem}; ${what}`);
}

function list(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
