import { EngineError } from '../core/errors.js';
import type { LayerSpec } from '../core/layer.js';
import { sameShape, type Shape } from '../core/shape.js';
import type { DataShape } from '../datasets/dataset.js';
import { recordNetwork } from '../run/run.js';
import type { RunSpec } from '../run/spec.js';
import { withNetwork } from './edit.js';

/** One layer of the outermost level, repeats written out, with the shapes it turns into one another. */
export interface Step {
  readonly spec: LayerSpec;
  readonly input: Shape | null;
  readonly output: Shape | null;
  /** It has weights of its own, or layers with weights in it. */
  readonly weighted: boolean;
  /** It only rearranges numbers, or its shapes are not known. */
  readonly opaque: boolean;
}

/** The network's layers one by one, with their shapes (without the batch axis). */
export function stepsOf(spec: RunSpec, network: readonly LayerSpec[], data: DataShape): Step[] {
  const { sites } = recordNetwork(withNetwork(spec, network), data, 'train');
  const bySite = new Map(sites.filter(({ parent }) => parent === null).map((site) => [site.name, site]));
  const steps: Step[] = [];
  for (const layer of network) {
    for (let copy = 0; copy < (layer.repeat ?? 1); copy++) {
      const name = `${steps.length}.${layer.type}`;
      const site = bySite.get(name);
      const { repeat: _repeat, ...once } = layer;
      const within = sites.filter((each) => each.name === name || each.name.startsWith(`${name}/`));
      const [first, last] = [within[0], within.at(-1)];
      steps.push({
        spec: once as LayerSpec,
        input: site?.input.shape.slice(1) ?? first?.input.shape.slice(1) ?? null,
        output: site?.shape ?? last?.shape ?? null,
        weighted: within.some(({ parameters, factor }) => parameters.length > 0 && factor === 'weights'),
        opaque: within.length === 0,
      });
    }
  }
  return steps;
}

/** Whether the list is a plain chain: no layer is named or takes named inputs. */
export function isChain(network: readonly LayerSpec[]): boolean {
  return network.every(({ id, inputs }) => id === undefined && inputs === undefined);
}

/** Steps written as layers again, equal neighbours as one with `repeat`. */
export function folded(specs: readonly LayerSpec[]): LayerSpec[] {
  const result: LayerSpec[] = [];
  for (const spec of specs) {
    const before = result.at(-1);
    if (before) {
      const { repeat = 1, ...plain } = before;
      if (JSON.stringify(plain) === JSON.stringify(spec)) {
        result[result.length - 1] = { ...plain, repeat: repeat + 1 } as LayerSpec;
        continue;
      }
    }
    result.push(spec);
  }
  return result;
}

/** Groups of steps that begin with a weighted layer and go on to the next: `dense, batchNorm, activation`. */
export function groups(steps: readonly Step[]): Step[][] {
  const result: Step[][] = [];
  for (const step of steps) {
    const current = result.at(-1);
    const starts =
      step.weighted || step.opaque || (step.input && step.output && !sameShape(step.input, step.output));
    if (starts || !current || !current[0]!.weighted) result.push([step]);
    else current.push(step);
  }
  return result;
}

/** Runs `action`; a network that cannot be built is null. */
export function buildable<T>(action: () => T): T | null {
  try {
    return action();
  } catch (error) {
    if (error instanceof EngineError) return null;
    throw error;
  }
}
