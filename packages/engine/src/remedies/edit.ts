import { activations, inits, layers, models } from '../run/shelves.js';
import { splitActivation, type ActivationSpec } from '../activations/activation.js';
import type { LayerSpec } from '../core/layer.js';
import type { DataShape } from '../datasets/dataset.js';
import { networkOf, type RunSpec } from '../run/spec.js';

/** Whether the spec is written as a model family that has the option. */
export function hasModelOption(spec: RunSpec, option: string): boolean {
  return spec.model !== undefined && Object.hasOwn(models[spec.model.type]?.options ?? {}, option);
}

/** The spec with options of its model changed; `undefined` takes an option back to its default. */
export function withModel(spec: RunSpec, options: Readonly<Record<string, unknown>>): RunSpec {
  const all = Object.entries({ ...spec.model, ...options }).filter(([, value]) => value !== undefined);
  return { ...spec, model: Object.fromEntries(all) as NonNullable<RunSpec['model']> };
}

/** The spec with its layers in place of its model. */
export function withNetwork(spec: RunSpec, network: readonly LayerSpec[]): RunSpec {
  const { model: _model, ...rest } = spec;
  return { ...rest, network };
}

/** The layers, whether the spec lists them or names a model. */
export function spelledOut(spec: RunSpec, data: DataShape): readonly LayerSpec[] {
  return networkOf(spec, data);
}

/** Every layer changed by `edit`, those within bodies first. */
export function mapLayers(
  specs: readonly LayerSpec[],
  edit: (spec: LayerSpec, inBody: boolean) => LayerSpec,
  inBody = false,
): LayerSpec[] {
  return specs.map((spec) => {
    const inner: Record<string, unknown> = { ...spec };
    for (const body of layers[spec.type]?.bodies ?? []) {
      inner[body] = mapLayers(spec[body] as readonly LayerSpec[], edit, true);
    }
    return edit(inner as LayerSpec, inBody);
  });
}

/** All layers, those within bodies too. */
export function allLayers(specs: readonly LayerSpec[]): LayerSpec[] {
  const list: LayerSpec[] = [];
  mapLayers(specs, (spec) => {
    list.push(spec);
    return spec;
  });
  return list;
}

/** The option of a layer that holds its activation, or null. */
export function activationOption(spec: LayerSpec): 'activation' | 'fn' | null {
  const options = layers[spec.type]?.options ?? {};
  if (Object.hasOwn(options, 'activation')) return 'activation';
  return Object.hasOwn(options, 'fn') ? 'fn' : null;
}

/** A layer's activation as the spec has it; `identity` where it has none. */
export function activationIn(spec: LayerSpec): ActivationSpec {
  const option = activationOption(spec);
  return option ? ((spec[option] as ActivationSpec | undefined) ?? 'identity') : 'identity';
}

/** Name of an activation, options aside. */
export function nameOf(spec: ActivationSpec): string {
  return splitActivation(spec).fn;
}

/** Whether a layer draws its weights by an `init` of its own. */
export function hasInit(spec: LayerSpec): boolean {
  return Object.hasOwn(layers[spec.type]?.options ?? {}, 'init');
}

/** Whether a layer draws weights that act from step to step. */
export function isRecurrent(spec: LayerSpec): boolean {
  return Object.hasOwn(layers[spec.type]?.options ?? {}, 'recurrentInit');
}

/** Index of the last layer of the outermost level with an init: what gives the output. */
export function outputLayer(specs: readonly LayerSpec[]): number {
  return specs.findLastIndex(hasInit);
}

/** The activation that most hidden layers have; `identity` where none has any. */
export function mainActivation(specs: readonly LayerSpec[]): string {
  const counts = new Map<string, number>();
  for (const spec of allLayers(specs)) {
    const name = nameOf(activationIn(spec));
    if (name !== 'identity') counts.set(name, (counts.get(name) ?? 0) + (spec.repeat ?? 1));
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'identity';
}

/** The init that suits an activation, by the shelf. */
export function initFor(activation: string): string {
  return activations[activation]?.init ?? 'xavierUniform';
}

/** Name of an init, its number aside. */
export function initName(init: unknown): string {
  if (typeof init === 'string') return init;
  const [key] = Object.keys((init ?? {}) as object);
  const { fn } = (init ?? {}) as { fn?: unknown };
  return typeof fn === 'string' ? fn : (key ?? 'default');
}

export function knowsInit(name: string): boolean {
  return Object.hasOwn(inits, name);
}

/** Whether two specs are the same data. */
export function sameSpec(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
