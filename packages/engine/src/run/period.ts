import type { Graph } from '../core/graph.js';
import type { Parameters } from '../core/parameters.js';
import { sizeOf, type Shape } from '../core/shape.js';
import type { Site } from '../core/site.js';
import { ownerOf } from '../core/tensor.js';

/**
 * What a step and a record cost, in nanoseconds as one core of 2024 measured them (bench/README.md). Only their ratios
 * matter, and they are much the same from machine to machine; nothing is measured while a run is opened, so that the
 * same spec records the same steps everywhere.
 */
const cost = {
  /** A multiply-add of a product, of which a training step makes three for each one of forward. */
  multiplyAdd: 0.04,
  /** A number that an op writes, and its gradient. */
  output: 0.6,
  /** All sums of a site's number: activation, gradient, gradient before the activation, activity. */
  probed: 1.4,
  /** A number that a layer keeps for probes of its own: gates, attention. */
  kept: 1,
  /** Copying a parameter, and measuring its step and its turn. */
  parameter: 1.2,
  /** Reading the probes of a site. */
  site: 2000,
};
/** Share of the time that probing may take; a little below the 2 % that are promised. */
const SHARE = 0.018;
/** More points than a picture can show are of no use. */
const MOST = 256;
/** Fewer than these tell no story, whatever they cost. */
const LEAST = 12;

/** Every how many of `steps` steps a network is recorded, so that probing takes about 2 % of the time. */
export function recordEvery(
  steps: number,
  { graph, sites, parameters }: { graph: Graph; sites: readonly Site[]; parameters: Parameters },
): number {
  const probed = sites.reduce((sum, { output }) => sum + sizeOf(output.shape), 0);
  const looked = new Set(sites.flatMap(({ meters, time }) => [...meters, ...time].map((tap) => tap.record)));
  let step = 0;
  let record = cost.probed * probed + cost.parameter * parameters.count + cost.site * sites.length;
  for (const one of graph.records) {
    const { op, attributes, inputs, outputs } = one;
    const [x, y] = [inputs, outputs].map((list) => list.map(({ shape }) => shape)) as [Shape[], Shape[]];
    const product = cost.multiplyAdd * (op.work?.(x, y, attributes) ?? 0);
    step += 3 * product + cost.output * y.reduce((sum, shape) => sum + sizeOf(shape), 0);
    // The gradient of the data itself is computed for probes only.
    if (inputs.some((input) => graph.inputs.includes(ownerOf(input)) && input.needsGrad)) record += product;
    const kept = looked.has(one) ? Object.values(op.keeps?.(x, attributes) ?? {}) : [];
    record += cost.kept * kept.reduce((sum, words) => sum + words, 0);
  }
  const affordable = Math.ceil(record / Math.max(1, SHARE * step));
  return Math.max(1, Math.min(Math.max(affordable, Math.ceil(steps / MOST)), Math.ceil(steps / LEAST)));
}
