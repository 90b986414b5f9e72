import type { LayerSpec } from '../core/layer.js';
import { layers } from '../run/shelves.js';
import type { RunSpec } from '../run/spec.js';
import {
  activationIn,
  activationOption,
  allLayers,
  hasInit,
  hasModelOption,
  isRecurrent,
  nameOf,
  outputLayer,
  spelledOut,
  withModel,
  withNetwork,
} from './edit.js';
import type { Patient, Refusal } from './remedy.js';
import { isChain } from './shapes.js';

/** Whether a layer normalises. */
function isNorm({ type }: LayerSpec): boolean {
  return layers[type]?.factor === 'normalization';
}

/** Puts a norm between the weights of every hidden layer and its activation. */
export function addNorms(spec: RunSpec, { data }: Patient, norm: 'batch' | 'layer'): RunSpec | Refusal {
  const network = spelledOut(spec, data);
  if (allLayers(network).some(isNorm)) return { reason: 'hasNorms' };
  if (hasModelOption(spec, 'norm') && spec.model!['norm'] === 'none') return withModel(spec, { norm });
  if (hasModelOption(spec, 'norm')) return { reason: 'hasNorms' };
  if (allLayers(network).some(isRecurrent)) return { reason: 'recurrentNorms' };
  if (!isChain(network)) return { reason: 'notAChain' };
  const last = outputLayer(network);
  let added = 0;
  const treated = normed(network.slice(0, last)).concat(network.slice(last));
  return added > 0 ? withNetwork(spec, treated) : { reason: 'noHidden' };

  function normed(specs: readonly LayerSpec[]): LayerSpec[] {
    return specs.flatMap((each): LayerSpec[] => {
      const bodies = layers[each.type]?.bodies ?? [];
      if (bodies.length > 0) {
        const inner = Object.fromEntries(bodies.map((body) => [body, normed(each[body] as LayerSpec[])]));
        return [{ ...each, ...inner }];
      }
      if (!hasInit(each)) return [each];
      added++;
      const option = activationOption(each);
      const activation = activationIn(each);
      const { repeat, ...once } = each;
      const parts: LayerSpec[] = [
        { ...once, ...(option ? { [option]: 'identity' } : {}) } as LayerSpec,
        { type: `${norm}Norm` },
        ...(nameOf(activation) === 'identity' ? [] : [{ type: 'activation', fn: activation }]),
      ];
      return repeat === undefined ? parts : [{ type: 'block', body: parts, repeat }];
    });
  }
}
