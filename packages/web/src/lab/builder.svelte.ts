import type { LayerSpec } from '@fuga/engine';
import { Draft } from './draft.js';
import type { Lab } from './lab.svelte.js';
import {
  compact,
  connect,
  freshLayer,
  insert,
  isWithin,
  layerAt,
  listAt,
  measure,
  move,
  remove,
  replace,
  unwrap,
  wrap,
  type Layers,
  type Path,
} from './layers.js';

/** The network as blocks: what is selected, and every edit as a new spec. */
export class Builder {
  readonly lab: Lab;
  selected = $state.raw<Path | null>(null);

  /** The layers as they are written; a family's are spelled out, and become the network's own with the first edit. */
  readonly network = $derived.by<Layers>(() => {
    const { spec, opened, catalogue } = this.lab;
    if (Array.isArray(spec['network'])) return (spec['network'] as unknown[]).filter(isLayer);
    return opened && catalogue && spec['model'] ? compact(opened.layers, catalogue) : [];
  });
  readonly isFamily = $derived.by(() => !Array.isArray(this.lab.spec['network']));
  readonly measures = $derived.by(() =>
    measure(this.network, this.lab.opened?.sites ?? [], (type) => this.bodiesOf(type)),
  );
  readonly layer = $derived(this.selected ? layerAt(this.network, this.selected) : null);
  /** Place of the layer that the engine refuses, and the option, where the refusal is about one. */
  readonly fault = $derived.by(() => {
    const { refusal } = this.lab;
    if (refusal?.path[0] !== 'network') return null;
    const steps = refusal.path.slice(1);
    let length = 0;
    for (let i = 0; i < steps.length; i += 2) if (typeof steps[i] === 'number') length = i + 1;
    return {
      path: steps.slice(0, length) as Path,
      option: String(steps[length] ?? ''),
      reason: refusal.reason,
    };
  });

  constructor(lab: Lab) {
    this.lab = lab;
  }

  item(type: string) {
    return this.lab.catalogue?.layers.find(({ id }) => id === type) ?? null;
  }

  bodiesOf(type: string): readonly string[] {
    return this.item(type)?.bodies ?? [];
  }

  select(path: Path | null): void {
    this.selected = path;
  }

  /** Adds a new layer behind the selected one, within it where it is an empty container, or at the end. */
  add(type: string): void {
    const { selected, network, lab } = this;
    if (!lab.catalogue) return;
    let [list, index]: [Path, number] = [[], Math.max(0, network.length - 1)];
    if (selected) {
      const layer = layerAt(network, selected);
      const [body] = layer ? this.bodiesOf(layer.type) : [];
      if (body !== undefined && listAt(network, [...selected, body]).length === 0)
        [list, index] = [[...selected, body], 0];
      else [list, index] = [selected.slice(0, -1), (selected.at(-1) as number) + 1];
    }
    this.insert(type, list, index);
  }

  insert(type: string, list: Path, index: number): void {
    if (!this.lab.catalogue) return;
    this.#write(insert(this.network, list, index, freshLayer(type, this.lab.catalogue)));
    this.selected = [...list, index];
  }

  remove(path: Path): void {
    const list = path.slice(0, -1);
    this.#write(remove(this.network, path));
    const left = listAt(this.network, list).length;
    const at = Math.min(path.at(-1) as number, left - 1);
    this.selected = at >= 0 ? [...list, at] : list.length > 0 ? list.slice(0, -1) : null;
  }

  duplicate(path: Path): void {
    const layer = layerAt(this.network, path);
    if (!layer) return;
    const { id: _id, ...copy } = layer;
    const index = (path.at(-1) as number) + 1;
    this.#write(insert(this.network, path.slice(0, -1), index, copy as LayerSpec));
    this.selected = [...path.slice(0, -1), index];
  }

  /** One place up or down in its list; past an end it leaves a body, towards that side. */
  shift(path: Path, by: 1 | -1): void {
    const list = path.slice(0, -1);
    const at = path.at(-1) as number;
    const next = at + by;
    if (next >= 0 && next < listAt(this.network, list).length)
      this.moveTo(path, list, by > 0 ? next + 1 : next);
    else if (list.length > 0) {
      const outer = list.slice(0, -1);
      this.moveTo(path, outer.slice(0, -1), (outer.at(-1) as number) + (by > 0 ? 1 : 0));
    }
  }

  moveTo(path: Path, list: Path, index: number): void {
    const moved = move(this.network, path, list, index);
    if (!moved) return;
    this.#write(moved.network);
    this.selected = moved.path;
  }

  /** The layer into the body of the one before it, where that has a body. */
  nest(path: Path): void {
    const at = path.at(-1) as number;
    const before = at > 0 ? layerAt(this.network, [...path.slice(0, -1), at - 1]) : null;
    const [body] = before ? this.bodiesOf(before.type) : [];
    if (body === undefined) return;
    const list = [...path.slice(0, -1), at - 1, body];
    this.moveTo(path, list, listAt(this.network, list).length);
  }

  wrap(path: Path, type: string): void {
    const [body] = this.bodiesOf(type);
    if (body === undefined) return;
    this.#write(wrap(this.network, path, type, body));
    this.selected = path;
  }

  unwrap(path: Path): void {
    const layer = layerAt(this.network, path);
    const [body] = layer ? this.bodiesOf(layer.type) : [];
    if (body !== undefined) this.#write(unwrap(this.network, path, body));
  }

  setOption(path: Path, name: string, value: unknown): void {
    const layer = layerAt(this.network, path);
    if (!layer) return;
    const { [name]: _old, ...rest } = layer;
    this.#write(
      replace(this.network, path, (value === undefined ? rest : { ...layer, [name]: value }) as LayerSpec),
    );
  }

  setRepeat(path: Path, repeat: number): void {
    this.setOption(path, 'repeat', repeat <= 1 ? undefined : Math.min(1000, Math.round(repeat)));
  }

  connect(path: Path, sources: readonly (number | 'input')[]): void {
    this.#write(connect(this.network, path, sources));
  }

  /** Lets the layer at `path` take in the one at `source` as well; joins take any number, others just one. */
  addInput(path: Path, source: Path): void {
    const list = path.slice(0, -1);
    const [to, from] = [path.at(-1) as number, source.at(-1) as number];
    if (!isWithin(source, list) || source.length !== path.length || from >= to) return;
    const many = this.item(layerAt(this.network, path)?.type ?? '')?.many ?? false;
    const now = this.sourcesOf(path);
    this.connect(path, many && !now.includes(from) ? [...now, from] : many ? now : [from]);
  }

  /** The places in its list that a layer takes its inputs from. */
  sourcesOf(path: Path): readonly (number | 'input')[] {
    const all = listAt(this.network, path.slice(0, -1));
    const at = path.at(-1) as number;
    const inputs = all[at]?.inputs;
    if (!inputs) return at > 0 ? [at - 1] : ['input'];
    return inputs.flatMap((id): (number | 'input')[] => {
      if (id === 'input') return ['input'];
      const index = all.findIndex((layer) => layer.id === id);
      return index < 0 ? [] : [index];
    });
  }

  #write(network: readonly LayerSpec[]): void {
    const { model: _model, ...rest } = new Draft(this.lab.spec).with('network', network);
    this.lab.edit(rest);
  }
}

function isLayer(value: unknown): value is LayerSpec {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
