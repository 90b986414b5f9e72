import { loadKernels } from '@fuga/core-wasm';
import { Arena } from '../core/arena.js';
import type { Shape } from '../core/shape.js';
import { describeSite, memoryNeed, recordNetwork, type MemoryNeed, type RunOptions } from './run.js';
import { describeData, resolveSpec, type RunSpec } from './spec.js';
import type { SiteInfo } from './trace.js';

/** A run before it takes any memory: its sites and what it will need. */
export interface RunDescription {
  readonly spec: RunSpec;
  readonly sites: readonly SiteInfo[];
  /** Trained numbers. */
  readonly parameters: number;
  readonly memory: MemoryNeed;
  /** One sample's shape, and what the network makes of it. */
  readonly input: Shape;
  readonly output: Shape;
}

/** Records a spec's network and counts what it needs. Loads no data, draws no weights, runs nothing. */
export async function describeRun(input: unknown, options: RunOptions = {}): Promise<RunDescription> {
  const spec = resolveSpec(input, options.data?.shape);
  const shape = options.data?.shape ?? describeData(spec.data);
  const network = recordNetwork(spec, shape, 'train');
  const arena = new Arena(options.kernels ?? (await loadKernels({ exact: options.exact ?? false })));
  return {
    spec,
    sites: network.sites.map((site) => describeSite(site, network.parameters)),
    parameters: network.parameters.count,
    memory: memoryNeed(spec, shape, network, arena),
    input: shape.input.shape,
    output: network.output.shape.slice(1),
  };
}
