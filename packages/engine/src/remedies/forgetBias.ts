import { allLayers, hasModelOption, mapLayers, spelledOut, withModel, withNetwork } from './edit.js';
import { layers } from '../run/shelves.js';
import type { LayerSpec } from '../core/layer.js';
import type { Remedy } from './remedy.js';

/** A forget gate that starts open for as long as the sequence: bias ln T. */
export const forgetBias: Remedy = {
  id: 'forgetBias',
  about: {
    does: 'A forget gate that starts open for as long as the sequence: bias ln T.',
    formula: 'σ(b)^T with b = ln T is about 1/e, with b = 0 it is 2^−T',
    source: 'Jozefowicz et al. 2015; Tallec & Ollivier 2018, arXiv:1804.11188',
  },
  treats: ['vanishing'],
  effort: 1,
  apply: (spec, { data }) => {
    const network = spelledOut(spec, data);
    const gated = allLayers(network).filter(forgets);
    if (gated.length === 0) return { reason: 'noForgetGate' };
    const bias = Number(Math.max(1, Math.log(data.input.shape[0] ?? 1)).toPrecision(2));
    if (gated.every(({ forgetBias }) => (forgetBias as number) >= bias)) {
      return { reason: 'alreadySo', names: { what: `forgetBias ${bias}` } };
    }
    if (hasModelOption(spec, 'forgetBias')) return withModel(spec, { forgetBias: bias });
    return withNetwork(
      spec,
      mapLayers(network, (each) => (forgets(each) ? { ...each, forgetBias: bias } : each)),
    );
  },
};

function forgets({ type }: LayerSpec): boolean {
  return Object.hasOwn(layers[type]?.options ?? {}, 'forgetBias');
}
