import type { LayerSpec } from '../core/layer.js';
import { activations, layers } from '../run/shelves.js';
import {
  activationIn,
  allLayers,
  hasInit,
  nameOf,
  mapLayers,
  sameSpec,
  spelledOut,
  withModel,
  hasModelOption,
  withNetwork,
} from './edit.js';
import { hasSkip } from './addSkips.js';
import type { Remedy } from './remedy.js';

/** Fixup init: the last weights of every residual branch start at 0 and the others small, so the network starts as its skips alone. */
export const fixup: Remedy = {
  id: 'fixup',
  about: {
    does: 'Fixup init: the last weights of every residual branch start at 0 and the others small, so the network starts as its skips alone.',
    formula: 'W ~ He · L^(−1/(2m−2)), last W of a branch = 0',
    source: 'Zhang et al. 2019, arXiv:1901.09321',
  },
  treats: ['exploding', 'nonFinite', 'shattered'],
  effort: 1,
  apply: (spec, { data }) => {
    const network = spelledOut(spec, data);
    const branches = allLayers(network).filter(hasSkip);
    const bodies = branches.flatMap((each) =>
      (layers[each.type]?.bodies ?? []).map((body) => each[body] as LayerSpec[]),
    );
    if (bodies.length === 0) return { reason: 'noSkips' };
    const drawn = (body: LayerSpec[]) =>
      allLayers(body)
        .filter(hasInit)
        .reduce((sum, { repeat = 1 }) => sum + repeat, 0);
    if (bodies.some((body) => drawn(body) === 0)) return { reason: 'noInit' };
    for (const body of bodies) {
      const ending = allLayers(body).slice(allLayers(body).findLastIndex(hasInit));
      const dying = ending.map((each) => nameOf(activationIn(each))).find((name) => activations[name]?.dies);
      if (dying) return { reason: 'deadBranch', names: { activation: dying } };
    }
    if (hasModelOption(spec, 'init'))
      return spec.model!['init'] === 'fixup'
        ? { reason: 'alreadySo', names: { what: 'fixup' } }
        : withModel(spec, { init: 'fixup' });
    const treated = mapLayers(network, (each) => (hasInit(each) ? { ...each, init: 'fixup' } : each));
    return sameSpec(network, treated)
      ? { reason: 'alreadySo', names: { what: 'fixup' } }
      : withNetwork(spec, treated);
  },
};
