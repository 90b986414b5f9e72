import type { LayerSpec } from '../core/layer.js';
import { sameShape } from '../core/shape.js';
import { layers } from '../run/shelves.js';
import type { RunSpec } from '../run/spec.js';
import { allLayers, hasModelOption, isRecurrent, spelledOut, withModel, withNetwork } from './edit.js';
import type { Patient, Refusal } from './remedy.js';
import { folded, groups, isChain, stepsOf } from './shapes.js';

/** Whether a layer passes its input on beside what it makes of it. */
export function hasSkip({ type }: LayerSpec): boolean {
  return layers[type]?.factor === 'skip';
}

/** How many skips a network has, repeats counted. */
export function countSkips(specs: readonly LayerSpec[], times = 1): number {
  let count = 0;
  for (const spec of specs) {
    const copies = times * (spec.repeat ?? 1);
    if (hasSkip(spec)) count += copies;
    for (const body of layers[spec.type]?.bodies ?? [])
      count += countSkips(spec[body] as LayerSpec[], copies);
  }
  return count;
}

/** Puts a skip around every group of layers (weights, norm, activation) that keeps its input's shape. */
export function addSkips(spec: RunSpec, { data }: Patient): RunSpec | Refusal {
  const network = spelledOut(spec, data);
  // A U-Net's skips are concatenations: no layer of it counts, its option does.
  const asked = hasModelOption(spec, 'skip');
  if (countSkips(network) > 0 || (asked && spec.model!['skip'] === true)) return { reason: 'hasSkips' };
  if (asked) return withModel(spec, { skip: true });
  if (allLayers(network).some(isRecurrent)) return { reason: 'recurrentSkips' };
  if (!isChain(network)) return { reason: 'notAChain' };
  const grouped = groups(stepsOf(spec, network, data));
  const lastWeighted = grouped.findLastIndex(([first]) => first!.weighted);
  let wrapped = 0;
  const treated = grouped.flatMap((group, i): LayerSpec[] => {
    const [first, last] = [group[0]!, group.at(-1)!];
    const body = group.map((step) => step.spec);
    const keeps = first.input && last.output && sameShape(first.input, last.output);
    if (!first.weighted || i === lastWeighted || !keeps) return body;
    wrapped++;
    return [{ type: 'residual', body: folded(body) }];
  });
  return wrapped > 0 ? withNetwork(spec, folded(treated)) : { reason: 'shapesDiffer' };
}

/** The branches of all skips scaled by 1 / √(their number). */
export function scaleSkips(spec: RunSpec, patient: Patient): RunSpec | Refusal {
  const network = spelledOut(spec, patient.data);
  const count = countSkips(network);
  if (count === 0) {
    const skipped = addSkips(spec, patient);
    if ('reason' in skipped) return skipped;
    const sums = countSkips(spelledOut(skipped, patient.data)) > 0;
    return sums ? scaleSkips(skipped, patient) : { reason: 'noScale' };
  }
  const scale = Number((1 / Math.sqrt(count)).toPrecision(3));
  if (hasModelOption(spec, 'scale') && spec.model!['skip'] !== false) {
    return spec.model!['scale'] === scale
      ? { reason: 'alreadySo', names: { what: `scale ${scale}` } }
      : withModel(spec, { scale });
  }
  let changed = false;
  const treated = rescaled(network);
  return changed ? withNetwork(spec, treated) : { reason: 'noScale' };

  function rescaled(specs: readonly LayerSpec[]): LayerSpec[] {
    return specs.map((each) => {
      const inner: Record<string, unknown> = { ...each };
      for (const body of layers[each.type]?.bodies ?? []) inner[body] = rescaled(each[body] as LayerSpec[]);
      if (hasSkip(each) && Object.hasOwn(layers[each.type]!.options, 'scale') && each['scale'] !== scale) {
        inner['scale'] = scale;
        changed = true;
      }
      return inner as LayerSpec;
    });
  }
}
