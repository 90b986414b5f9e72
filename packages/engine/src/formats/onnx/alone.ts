import { Graph } from '../../core/graph.js';
import { Parameters } from '../../core/parameters.js';
import { Scope, type Recording } from '../../core/scope.js';
import type { Site } from '../../core/site.js';
import type { GraphEdits } from './edits.js';
import type { ImportedNetwork } from './import.js';
import type { RecordedGraph } from './record.js';

/** What a network from a file records by itself. */
export interface RecordedAlone extends RecordedGraph {
  readonly parameters: Parameters;
  readonly sites: readonly Site[];
}

/** Records a network on an input of its own, to see what comes out and what is inside. Takes no memory, runs nothing. */
export function recordAlone(
  { input, record }: Pick<ImportedNetwork, 'input' | 'record'>,
  options: { readonly batch?: number; readonly mode?: Recording['mode']; readonly edits?: GraphEdits } = {},
): RecordedAlone {
  const { batch, mode = 'train', edits } = options;
  const graph = new Graph();
  const parameters = new Parameters();
  const sites: Site[] = [];
  const shape = batch === undefined ? input.shape : [batch, ...input.shape.slice(1)];
  const tensor = graph.input('input', shape, input.kind === 'ids' ? { dtype: 'i32' } : { needsGrad: true });
  const recorded = record(tensor, new Scope({ graph, parameters, layers: {}, sites, mode }), edits);
  return { ...recorded, parameters, sites };
}
