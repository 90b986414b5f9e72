import type { InitSpec } from '../inits/init.js';
import type { RunSpec } from '../run/spec.js';
import {
  allLayers,
  hasInit,
  hasModelOption,
  mainActivation,
  mapLayers,
  outputLayer,
  sameSpec,
  spelledOut,
  withModel,
  withNetwork,
} from './edit.js';
import type { Patient, Refusal } from './remedy.js';

/**
 * Draws all weights by the init that `choose` names for an activation. The output layer, which has no activation,
 * keeps its init unless that is one of the sick ones (it is what the hidden layers have).
 */
export function setInit(
  spec: RunSpec,
  { data }: Patient,
  choose: (activation: string) => InitSpec,
): RunSpec | Refusal {
  const network = spelledOut(spec, data);
  const activation = mainActivation(network);
  const init = choose(activation);
  if (hasModelOption(spec, 'init')) {
    if (sameSpec(spec.model!['init'], init)) return { reason: 'alreadySo', names: { what: show(init) } };
    return withModel(spec, { init });
  }
  if (!allLayers(network).some(hasInit)) return { reason: 'noInit' };
  const last = outputLayer(network);
  const hidden = new Set(
    network
      .flatMap((layer, i) => (i === last ? [] : allLayers([layer]).filter(hasInit)))
      .map(({ init }) => JSON.stringify(init)),
  );
  let changed = false;
  const treated = network.map((layer, i) => {
    if (i === last && !hidden.has(JSON.stringify(layer['init']))) return layer;
    const [made] = mapLayers([layer], (each) => {
      if (!hasInit(each)) return each;
      const wanted = i === last ? choose('identity') : init;
      if (sameSpec(each['init'], wanted)) return each;
      changed = true;
      return { ...each, init: wanted };
    });
    return made!;
  });
  return changed ? withNetwork(spec, treated) : { reason: 'alreadySo', names: { what: show(init) } };
}

export function show(init: InitSpec): string {
  return typeof init === 'string' ? init : JSON.stringify(init).replace(/"/g, '');
}
