import type { ActivationSpec } from '../../activations/activation.js';
import { EngineError } from '../../core/errors.js';
import { constantFill } from '../../core/parameters.js';
import { Scope, type Recording } from '../../core/scope.js';
import { sameShape } from '../../core/shape.js';
import type { Site } from '../../core/site.js';
import type { Tensor } from '../../core/tensor.js';
import type { InitSpec } from '../../inits/init.js';
import { batchNormalization } from '../../layers/batchNorm.js';
import { layerNormalization } from '../../layers/layerNorm.js';
import { addBroadcast } from '../../ops/broadcast.js';
import { isConstant, type Value } from './context.js';
import { nodeName } from './graph.js';
import type { NodeProto } from './proto.js';

/** What is changed of a network while it is recorded; the file stays as it is. */
export interface GraphEdits {
  /** Every activation `from` becomes `to`. */
  readonly swap?: { readonly from: string; readonly to: ActivationSpec };
  /** Weights are drawn by this init instead of taken from the file. */
  readonly init?: InitSpec;
  /** A norm between weights and activation of every hidden layer. */
  readonly norm?: 'batch' | 'layer';
  /** Hidden layers that keep their input's shape get their input added. */
  readonly skip?: boolean;
  readonly batchStatistics?: 'asExported' | 'batch';
}

const weighted = new Set(['Conv', 'Gemm', 'MatMul', 'Dense']);
const activating = new Set([
  ...['Sigmoid', 'Tanh', 'Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Celu', 'Gelu', 'Silu', 'Mish', 'Clip'],
  ...['HardSigmoid', 'HardSwish', 'Softplus', 'Softsign', 'Erf', 'ThresholdedRelu'],
]);

/** Inserts norms and skips while a graph is recorded. */
export class GraphEditor {
  readonly #edits: GraphEdits;
  readonly #recording: Recording;
  readonly #readers = new Map<string, NodeProto[]>();
  readonly #makers = new Map<string, NodeProto>();
  /** Activations that got a skip, by node: the name of what is added. */
  readonly skips = new Map<string, string>();
  #norms = 0;

  constructor(nodes: readonly NodeProto[], edits: GraphEdits, recording: Recording) {
    this.#edits = edits;
    this.#recording = recording;
    if (!edits.norm && !edits.skip) return;
    for (const node of nodes) {
      for (const output of node.outputs) this.#makers.set(output, node);
      for (const input of node.inputs) {
        const list = this.#readers.get(input);
        if (list) list.push(node);
        else this.#readers.set(input, [node]);
      }
    }
  }

  /** Looks at what a node has made, and replaces it where an edit applies. */
  after(node: NodeProto, values: Map<string, Value>): void {
    const [output] = node.outputs as [string];
    const made = values.get(output);
    if (!made || isConstant(made)) return;
    const readers = this.#readers.get(output) ?? [];
    if (this.#edits.norm && weighted.has(node.opType) && readers.length > 0) {
      if (readers.every(({ opType }) => activating.has(opType))) {
        values.set(output, this.#normed(made, `${nodeName(node)}/norm`, this.#edits.norm));
        this.#norms++;
      }
    }
    if (this.#edits.skip && activating.has(node.opType) && readers.length > 0) {
      const from = this.#makers.get(node.inputs[0]!);
      const x = from && weighted.has(from.opType) ? values.get(from.inputs[0]!) : undefined;
      if (x && !isConstant(x) && sameShape(x.shape, made.shape)) {
        values.set(output, this.#skipped(x, made, `${nodeName(node)}/skip`));
        this.skips.set(nodeName(node), from!.inputs[0]!);
      }
    }
  }

  /** Throws where an edit that was asked for has found no place. */
  finish(): void {
    const { norm, skip } = this.#edits;
    if (norm && this.#norms === 0)
      throw new EngineError(
        'SPEC',
        'no layer of the file has weights right before an activation, so there is no place for a norm',
        ['model', 'norm'],
      );
    if (skip && this.skips.size === 0)
      throw new EngineError(
        'SPEC',
        'no hidden layer of the file keeps the shape of its input, so there is no place for a skip',
        ['model', 'skip'],
      );
  }

  #normed(x: Tensor, name: string, kind: 'batch' | 'layer'): Tensor {
    const scope = new Scope(this.#recording, name);
    // Channels are the second axis of images and rows; of sequences the features are the last.
    const perBatch = kind === 'batch' && x.shape.length !== 3;
    const shape = perBatch ? [x.shape[1]!] : x.shape.length === 4 ? x.shape.slice(1) : [x.shape.at(-1)!];
    const weight = scope.parameter('weight', shape, { fill: constantFill(1) });
    const bias = scope.parameter('bias', shape, { fill: constantFill(0) });
    const y = perBatch
      ? scope.apply(
          batchNormalization,
          [
            x,
            scope.state('running_mean', shape, { fill: constantFill(0) }),
            scope.state('running_var', shape, { fill: constantFill(1) }),
            weight,
            bias,
          ],
          { eps: 1e-5, momentum: 0.1, training: this.#recording.mode === 'train' },
        )
      : scope.apply(layerNormalization, [x, weight, bias], { eps: 1e-5, axes: shape.length });
    this.#site(name, perBatch ? 'batchNorm' : 'layerNorm', 'normalization', x, y, [
      `${name}/weight`,
      `${name}/bias`,
    ]);
    return y;
  }

  #skipped(x: Tensor, branch: Tensor, name: string): Tensor {
    const y = new Scope(this.#recording, name).apply(addBroadcast, [x, branch], undefined);
    this.#site(name, 'add', 'skip', x, y, []);
    return y;
  }

  #site(
    name: string,
    type: string,
    factor: Site['factor'],
    input: Tensor,
    output: Tensor,
    parameters: readonly string[],
  ): void {
    const { sites } = this.#recording;
    sites.push({
      name,
      type,
      depth: sites.length + 1,
      parent: null,
      factor,
      options: {},
      input,
      output,
      preactivation: null,
      activation: null,
      parameters,
      shape: output.shape.slice(1),
      time: [],
      meters: [],
      parts: {},
    });
  }
}
