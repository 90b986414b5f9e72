import { describeData, resolveSpec, shelves, wordsIn } from '@fuga/engine';
import { fieldsOf } from './fields.js';
import type { Catalogue, Language, MenuItem } from './protocol.js';

interface Item {
  readonly about: MenuItem['about'];
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The shelves as plain data: a new item on a shelf appears in the lab's menus by itself. */
export function catalogue(): Catalogue {
  return {
    activations: menu(shelves.activations),
    inits: menu(shelves.inits),
    layers: Object.entries(shelves.layers).map(([id, layer]) => ({
      ...entry(id, layer),
      bodies: layer.bodies ?? [],
      many: layer.inputs === 'many',
    })),
    losses: Object.entries(shelves.losses).map(([id, loss]) => ({ ...entry(id, loss), tasks: loss.tasks })),
    optimizers: menu(shelves.optimizers as unknown as Readonly<Record<string, Item>>),
    schedules: menu(shelves.schedules as unknown as Readonly<Record<string, Item>>),
    datasets: Object.entries(shelves.datasets).map(([id, dataset]) => ({
      ...entry(id, dataset),
      shape: shapeOf(id),
    })),
    models: menu(Object.fromEntries(Object.entries(shelves.models).filter(([, model]) => !model.fromFile))),
    remedies: { en: remedyNames('en'), 'pt-BR': remedyNames('pt-BR') },
  };
}

function remedyNames(language: Language): Record<string, string> {
  return Object.fromEntries(Object.entries(wordsIn(language).remedies).map(([id, { title }]) => [id, title]));
}

function menu(shelf: Readonly<Record<string, Item>>): MenuItem[] {
  return Object.entries(shelf).map(([id, item]) => entry(id, item));
}

function entry(id: string, item: Item): MenuItem {
  return { id, about: item.about, fields: fieldsOf(item.options ?? {}) };
}

/** What a source gives with its default options; null where it cannot be used without some. */
function shapeOf(source: string): Catalogue['datasets'][number]['shape'] {
  try {
    return describeData(resolveSpec({ fuga: 1, data: source, network: [] }).data);
  } catch {
    return null;
  }
}
