import type { LayerSpec } from '../core/layer.js';
import { layers, models } from '../run/shelves.js';
import type { RunSpec } from '../run/spec.js';
import { allLayers, isRecurrent, mapLayers, spelledOut, withNetwork } from './edit.js';
import type { Patient, Refusal } from './remedy.js';

/** Puts cells of another kind in place of the recurrent layers `from`; options that both know are kept. */
export function swapCells(
  spec: RunSpec,
  { data }: Patient,
  from: readonly string[],
  to: string,
): RunSpec | Refusal {
  if (spec.model && from.includes(spec.model.type) && Object.hasOwn(models, to)) {
    const known = models[to]!.options;
    const kept = Object.fromEntries(Object.entries(spec.model).filter(([key]) => Object.hasOwn(known, key)));
    return { ...spec, model: { ...kept, type: to } };
  }
  const network = spelledOut(spec, data);
  if (!allLayers(network).some(isRecurrent)) return { reason: 'noRecurrence' };
  if (!allLayers(network).some(({ type }) => from.includes(type)))
    return { reason: 'alreadySo', names: { what: to } };
  const known = { ...layers[to]!.options, id: 0, inputs: 0, repeat: 0 };
  return withNetwork(
    spec,
    mapLayers(network, (each): LayerSpec => {
      if (!from.includes(each.type)) return each;
      const kept = Object.fromEntries(Object.entries(each).filter(([key]) => Object.hasOwn(known, key)));
      return { ...kept, type: to };
    }),
  );
}
