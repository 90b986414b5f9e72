import { layers } from '../run/shelves.js';
import { allLayers, hasModelOption, mapLayers, spelledOut, withModel, withNetwork } from './edit.js';
import type { LayerSpec } from '../core/layer.js';
import type { Remedy } from './remedy.js';

/** Normalises before attention and feed-forward instead of after the sum, so that the skips run through untouched. */
export const preNorm: Remedy = {
  id: 'preNorm',
  about: {
    does: 'Normalises before attention and feed-forward instead of after the sum, so that the skips run through untouched.',
    formula: 'x + F(norm(x)) instead of norm(x + F(x)): last-layer gradient O(1/√L) instead of O(1)',
    source: 'Xiong et al. 2020, arXiv:2002.04745, thm. 1',
  },
  treats: ['vanishing', 'exploding', 'nonFinite', 'learningRateTooHigh', 'rankCollapse'],
  effort: 2,
  apply: (spec, { data }) => {
    if (hasModelOption(spec, 'norm') && (spec.model!['norm'] === 'post' || spec.model!['norm'] === 'pre')) {
      return spec.model!['norm'] === 'pre'
        ? { reason: 'alreadySo', names: { what: 'pre-norm' } }
        : withModel(spec, { norm: 'pre' });
    }
    const network = spelledOut(spec, data);
    const placed = allLayers(network).filter(placesNorm);
    if (placed.length === 0) return { reason: 'noTransformer' };
    if (placed.every(({ norm }) => norm === 'pre'))
      return { reason: 'alreadySo', names: { what: 'pre-norm' } };
    return withNetwork(
      spec,
      mapLayers(network, (each) => (placesNorm(each) ? { ...each, norm: 'pre' } : each)),
    );
  },
};

/** Whether a layer says where its norms stand. */
function placesNorm({ type }: LayerSpec): boolean {
  return layers[type]?.factor !== 'normalization' && Object.hasOwn(layers[type]?.options ?? {}, 'norm');
}
