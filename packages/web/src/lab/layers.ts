import type { LayerSpec, SiteInfo } from '@fuga/engine';
import type { Catalogue } from '../worker/protocol.js';

/** Where a layer stands in a network: `[2, 'body', 0]`. A list's place is its layer's with the body's name. */
export type Path = readonly (string | number)[];
export type Layers = readonly LayerSpec[];

/** The list of layers at a place: the network itself, or a body. */
export function listAt(network: Layers, path: Path): Layers {
  if (path.length === 0) return network;
  const [index, body, ...rest] = path as [number, string, ...Path];
  const inner = network[index]?.[body];
  return Array.isArray(inner) ? listAt(inner as LayerSpec[], rest) : [];
}

export function layerAt(network: Layers, path: Path): LayerSpec | null {
  return listAt(network, path.slice(0, -1))[path.at(-1) as number] ?? null;
}

/** The network with the list at a place changed. */
function withList(network: Layers, path: Path, change: (list: Layers) => Layers): LayerSpec[] {
  if (path.length === 0) return [...change(network)];
  const [index, body, ...rest] = path as [number, string, ...Path];
  return network.map((layer, i) =>
    i === index ? { ...layer, [body]: withList((layer[body] ?? []) as LayerSpec[], rest, change) } : layer,
  );
}

export function insert(network: Layers, list: Path, index: number, ...layers: LayerSpec[]): LayerSpec[] {
  return withList(network, list, (all) => [...all.slice(0, index), ...layers, ...all.slice(index)]);
}

export function remove(network: Layers, path: Path): LayerSpec[] {
  return withList(network, path.slice(0, -1), (all) => all.filter((_, i) => i !== path.at(-1)));
}

export function replace(network: Layers, path: Path, layer: LayerSpec): LayerSpec[] {
  return withList(network, path.slice(0, -1), (all) =>
    all.map((old, i) => (i === path.at(-1) ? layer : old)),
  );
}

/** Whether `path` is `of` or lies within it. */
export function isWithin(path: Path, of: Path): boolean {
  return of.every((step, i) => path[i] === step);
}

/**
 * The network with a layer moved in front of place `index` of a list, both counted before the move, and where it then
 * stands; null where it would move into itself.
 */
export function move(
  network: Layers,
  from: Path,
  list: Path,
  index: number,
): { network: LayerSpec[]; path: Path } | null {
  const layer = layerAt(network, from);
  if (!layer || isWithin(list, from)) return null;
  const home = from.slice(0, -1);
  const at = from.at(-1) as number;
  // Taking it out shifts what comes after it in its own list, and lists within those.
  const target = [...list];
  let to = index;
  if (isSame(home, list)) to = index > at ? index - 1 : index;
  else if (isWithin(list, home) && (list[home.length] as number) > at)
    target[home.length] = (list[home.length] as number) - 1;
  return { network: insert(remove(network, from), target, to, layer), path: [...target, to] };
}

export function isSame(a: Path, b: Path): boolean {
  return a.length === b.length && isWithin(a, b);
}

/** Puts a layer into a body of its own: what a skip goes around. */
export function wrap(network: Layers, path: Path, type: string, body: string): LayerSpec[] {
  const layer = layerAt(network, path);
  if (!layer) return [...network];
  const { repeat, id, inputs, ...inner } = layer;
  const outer = { ...(repeat === undefined ? {} : { repeat }), ...(id === undefined ? {} : { id }) };
  return replace(network, path, { type, ...(inputs ? { inputs } : {}), [body]: [inner], ...outer });
}

/** Puts a body's layers in the place of the layer that holds them. */
export function unwrap(network: Layers, path: Path, body: string): LayerSpec[] {
  const inner = (layerAt(network, path)?.[body] ?? []) as LayerSpec[];
  return insert(remove(network, path), path.slice(0, -1), path.at(-1) as number, ...inner);
}

/** The layer connected to others of its list, by ids that those are given where they have none. */
export function connect(network: Layers, path: Path, sources: readonly (number | 'input')[]): LayerSpec[] {
  const list = path.slice(0, -1);
  return withList(network, list, (all) => {
    const taken = new Set(all.map(({ id }) => id));
    const named = all.map((layer, i) => {
      if (!sources.includes(i) || layer.id !== undefined) return layer;
      let id = `${layer.type}${i}`;
      for (let n = 2; taken.has(id); n++) id = `${layer.type}${i}-${n}`;
      taken.add(id);
      return { ...layer, id };
    });
    return named.map((layer, i) => {
      if (i !== path.at(-1)) return layer;
      const { inputs: _inputs, ...rest } = layer;
      const ids = sources.map((source) => (source === 'input' ? 'input' : named[source]!.id!));
      return ids.length > 0 ? { ...rest, inputs: ids } : rest;
    });
  });
}

/** What a layer of the tree is measured to be: its sites' parameters, and the shape that it gives. */
export interface Measure {
  parameters: number;
  shape: readonly number[] | null;
  sites: number;
}

/**
 * Sums up sites by the layers that they stand for. Sites are named by their place once repeats are spelled out
 * (`3.residual/1.conv2d`), so places are counted up over repeats.
 */
export function measure(
  network: Layers,
  sites: readonly SiteInfo[],
  bodies: (type: string) => readonly string[],
): Map<string, Measure> {
  const result = new Map<string, Measure>();
  for (const site of sites) {
    let list = network;
    let path: Path = [];
    for (const segment of site.name.split('/')) {
      const at = placeOf(list, Number.parseInt(segment, 10));
      const layer = at === null ? undefined : list[at];
      if (at === null || !layer) break;
      path = [...path, at];
      const known = result.get(path.join('.')) ?? { parameters: 0, shape: null, sites: 0 };
      known.sites++;
      for (const { shape } of site.parameters) known.parameters += shape.reduce((a, b) => a * b, 1);
      // The last site within a layer gives the layer's shape; the layer's own site knows best.
      if (known.shape === null || site.name.split('/').length <= path.length) known.shape = site.shape;
      result.set(path.join('.'), known);
      const [body] = bodies(layer.type);
      if (body === undefined) break;
      list = (layer[body] ?? []) as LayerSpec[];
      path = [...path, body];
    }
  }
  return result;
}

/** Index in a list of the layer whose copies include number `expanded`. */
function placeOf(list: Layers, expanded: number): number | null {
  let from = 0;
  for (let i = 0; i < list.length; i++) {
    from += list[i]!.repeat ?? 1;
    if (expanded < from) return i;
  }
  return null;
}

/** A spelled-out network as people write it: options that are at their defaults left out. */
export function compact(layers: Layers, catalogue: Catalogue): LayerSpec[] {
  return layers.map((layer) => {
    const item = catalogue.layers.find(({ id }) => id === layer.type);
    const entries = Object.entries(layer).flatMap(([key, value]) => {
      if (value === undefined) return [];
      if (item?.bodies.includes(key)) return [[key, compact(value as LayerSpec[], catalogue)] as const];
      const field = item?.fields.find(({ name }) => name === key);
      const isDefault =
        field?.fallback !== undefined && JSON.stringify(field.fallback) === JSON.stringify(value);
      return isDefault ? [] : [[key, value] as const];
    });
    return { ...Object.fromEntries(entries), type: layer.type };
  });
}

/** A new layer of a type, its required options filled with something that usually works. */
export function freshLayer(type: string, catalogue: Catalogue): LayerSpec {
  const item = catalogue.layers.find(({ id }) => id === type);
  const layer: Record<string, unknown> = { type };
  for (const field of item?.fields ?? []) {
    if (!field.required || field.fallback !== undefined) continue;
    if (field.kind === 'layers') layer[field.name] = [];
    else if (field.kind === 'integer') layer[field.name] = Math.max(field.min ?? 1, usual[field.name] ?? 1);
    else if (field.kind === 'real') layer[field.name] = Math.max(field.min ?? 0, 0.5);
    else if (field.kind === 'activation') layer[field.name] = 'relu';
    else if (field.kind === 'choice') layer[field.name] = field.choices?.[0];
    else if (field.kind === 'list') layer[field.name] = [1];
    else if (field.kind === 'text') layer[field.name] = '';
  }
  if (
    item?.fields.some(
      ({ kind, name }) => kind === 'activation' && name === 'activation' && type !== 'residual',
    )
  ) {
    layer['activation'] ??= 'relu';
  }
  return layer as LayerSpec;
}

const usual: Readonly<Record<string, number>> = {
  out: 32,
  hidden: 32,
  heads: 4,
  groups: 4,
  vocab: 64,
  classes: 3,
};
