import { EngineError } from '../../core/errors.js';
import type { Recording } from '../../core/scope.js';
import type { Site } from '../../core/site.js';
import { type Value, isConstant } from './context.js';
import { nodeName } from './graph.js';
import type { NodeProto } from './proto.js';
import type { Rewritten } from './rewrite.js';

/** Keeps a place for the site of a whole attention before the sites of its parts. */
export class AttentionSites {
  readonly #byFirst = new Map<NodeProto, { softmax: NodeProto; last: NodeProto }>();
  readonly #open = new Map<NodeProto, { slot: number; name: string; first: string }>();
  readonly #recording: Recording;

  constructor({ attentions }: Rewritten, recording: Recording) {
    this.#recording = recording;
    for (const { first, softmax, last } of attentions) this.#byFirst.set(first, { softmax, last });
  }

  before(node: NodeProto): void {
    const found = this.#byFirst.get(node);
    if (!found || this.#open.has(found.last)) return;
    const { sites } = this.#recording;
    this.#open.set(found.last, {
      slot: sites.length,
      name: `${nodeName(found.last)} (attention)`,
      first: node.inputs[0]!,
    });
    sites.push(null as unknown as Site);
  }

  after(node: NodeProto, values: ReadonlyMap<string, Value>): void {
    const open = this.#open.get(node);
    if (!open) return;
    const { sites } = this.#recording;
    const output = values.get(node.outputs[0]!)!;
    const input = values.get(open.first);
    if (isConstant(output) || !input || isConstant(input))
      throw new EngineError('INTERNAL', 'an attention of constants');
    sites[open.slot] = {
      name: open.name,
      type: 'attention',
      depth: open.slot + 1,
      parent: null,
      factor: 'weights',
      options: {},
      input,
      output,
      preactivation: null,
      activation: null,
      parameters: [],
      shape: output.shape.slice(1),
      time: [],
      meters: [],
      parts: {},
    };
    for (let i = open.slot + 1; i < sites.length; i++) {
      if (sites[i]!.parent === null) sites[i] = { ...sites[i]!, parent: open.slot };
    }
  }
}

/** A convolution and the batch norm behind it say of each other that they are one unit. */
export function addPairs(nodes: readonly NodeProto[], { sites }: Recording): void {
  const byOutput = new Map(
    nodes.flatMap((node) => node.outputs.map((output) => [output, nodeName(node)] as const)),
  );
  const index = new Map(sites.map((site, i) => [site.name, i]));
  for (const node of nodes) {
    if (node.opType !== 'BatchNormalization') continue;
    const before = index.get(byOutput.get(node.inputs[0]!) ?? '');
    const own = index.get(nodeName(node));
    if (before === undefined || own === undefined || !sites[before]!.type.startsWith('conv')) continue;
    const unit = `${sites[before]!.name} + ${sites[own]!.name}`;
    for (const i of [before, own]) sites[i] = { ...sites[i]!, options: { ...sites[i]!.options, unit } };
  }
}
