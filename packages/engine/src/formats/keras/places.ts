/** Where a layer stands in its model, as Keras' files of weights name it. */
export interface LayerPlace {
  /** Its path in the files of Keras 3, `layers/functional/layers/dense_1`: by class and count, not by name. */
  readonly path: string;
  /** Its name, behind those of the models it is in. */
  readonly names: readonly string[];
}

const models = new Set(['Sequential', 'Functional', 'Model']);
const MOST_DEPTH = 32;

/** Whether a class is a model with layers of its own. */
export function isModel(kind: string): boolean {
  return models.has(kind);
}

/** The name that a layer's weights are found under: its own, behind those of the models it is in. */
export function ownerOf(layer: unknown, prefix: string): string {
  const { class_name, name, config } = record(layer);
  return `${prefix}${String(record(config)['name'] ?? name ?? class_name ?? '')}`;
}

/**
 * The places of all layers of a model, by the names that `ownerOf` gives them.
 *
 * Keras 3 counts the layers of each class in the order of the configuration (`_save_container_state` in
 * keras/src/saving/saving_lib.py); functions that are no layers are not counted.
 */
export function placesOf(model: unknown): ReadonlyMap<string, LayerPlace> {
  const places = new Map<string, LayerPlace>();
  collect(model, '', '', [], places, 0);
  return places;
}

function collect(
  model: unknown,
  prefix: string,
  path: string,
  names: readonly string[],
  places: Map<string, LayerPlace>,
  depth: number,
): void {
  if (depth > MOST_DEPTH) return; // refused where it is converted
  const { config } = record(model);
  const layers = Array.isArray(config) ? (config as unknown[]) : record(config)['layers'];
  if (!Array.isArray(layers)) return;
  const used = new Map<string, number>();
  for (const layer of layers as unknown[]) {
    const { class_name, module } = record(layer);
    const kind = String(class_name ?? '');
    if (typeof module === 'string' && module.startsWith('keras.src.ops')) continue;
    const snake = snakeCase(kind);
    const count = used.get(snake) ?? 0;
    used.set(snake, count + 1);
    const owner = ownerOf(layer, prefix);
    const place = {
      path: `${path}layers/${count === 0 ? snake : `${snake}_${count}`}`,
      names: [...names, ownerOf(layer, '')],
    };
    places.set(owner, place);
    for (const { part, way } of Object.hasOwn(wrapped, kind) ? wrapped[kind]! : []) {
      const inner = record(record(layer)['config'])['layer'];
      const name = innerOwner('', inner, way).slice(1);
      places.set(innerOwner(owner, inner, way), {
        path: `${place.path}/${part}`,
        names: [...place.names, name],
      });
    }
    if (isModel(kind)) collect(layer, `${owner}/`, `${place.path}/`, place.names, places, depth + 1);
  }
}

/** Layers within layers: where their weights are, and which way a direction goes. */
const wrapped: Readonly<Record<string, readonly { part: string; way?: 'forward' | 'backward' }[]>> = {
  TimeDistributed: [{ part: 'layer' }],
  Bidirectional: [
    { part: 'forward_layer', way: 'forward' },
    { part: 'backward_layer', way: 'backward' },
  ],
};

/** The name that the weights of a layer within a layer are found under: `bidirectional/forward_lstm`. */
export function innerOwner(owner: string, inner: unknown, way?: 'forward' | 'backward'): string {
  const name = ownerOf(inner, '');
  return `${owner}/${way ? `${way}_${name.replace(/^(forward|backward)_/, '')}` : name}`;
}

/** `BatchNormalization` → `batch_normalization` (keras/src/utils/naming.py). */
export function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
