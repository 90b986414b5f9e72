import type { LayerSpec } from '../../core/layer.js';
import { Graph } from '../../core/graph.js';
import { Parameters } from '../../core/parameters.js';
import { Scope } from '../../core/scope.js';
import type { Shape } from '../../core/shape.js';
import type { DataShape } from '../../datasets/dataset.js';
import * as layers from '../../layers/index.js';
import { indented, plainText } from './python.js';
import { Classes, writeSequence, type Writing } from './sequence.js';
import { support } from './support.js';
import { trainingLines, type TrainingText } from './training.js';
import type { StateKey } from './unit.js';

/** A network and its training run, to be written in PyTorch. */
export interface PyTorchSubject extends TrainingText {
  readonly name: string;
  readonly seed: number;
  /** Complete layers, as a resolved spec has them. */
  readonly network: readonly LayerSpec[];
  readonly data: DataShape;
  readonly batch: number;
}

/** A network in PyTorch. */
export interface PyTorchText {
  /** A Python file: the module `Network`, `train`, and a few lines that run them. */
  readonly code: string;
  /** Path of each parameter and state in Fuga → its key in `Network().state_dict()`. */
  readonly state: readonly StateKey[];
}

/**
 * Writes a network as a plain PyTorch module with its init and its training loop. The file needs PyTorch 1.13 or later
 * and nothing else.
 *
 * Errors: UNSUPPORTED for what PyTorch has no words for.
 */
export function writePyTorch(subject: PyTorchSubject): PyTorchText {
  const { name, seed, network, data, batch } = subject;
  const classes = new Classes();
  const writing: Writing = { classes, branchingOf: branchings(subject), dtype: data.input.dtype };
  const text = writeSequence(network, [batch, ...data.input.shape], '', writing);
  const needed = Object.keys(support).filter((piece) => classes.needs.has(piece));
  const training = trainingLines(subject, needed.includes('lsuv_'));
  const usesMath = training.some((line) => line.includes('math.'));
  const hasWeights = text.reset.length > 0;
  const lines = [
    `# ${plainText(name)}: written by Fuga.`,
    ...(usesMath ? ['import math', ''] : []),
    'import torch',
    'import torch.nn.functional as F',
    'from torch import nn',
    ...needed.flatMap((piece) => ['', '', ...support[piece]!]),
    ...classes.texts.flatMap((lines) => ['', '', ...lines]),
    '',
    '',
    'class Network(nn.Module):',
    `    """${showShape(data.input.shape)} in, ${showShape(text.output.slice(1))} out."""`,
    '',
    '    def __init__(self):',
    ...indented(['super().__init__()', ...text.init, ...(hasWeights ? ['self.reset_parameters()'] : [])], 2),
    '',
    ...(hasWeights ? ['    def reset_parameters(self):', ...indented(text.reset, 2), ''] : []),
    '    def forward(self, x):',
    ...indented([...text.forward, 'return x'], 2),
    '',
    '',
    ...training,
    ...example(subject, training.length > 1),
  ];
  return { code: `${lines.join('\n')}\n`.replaceAll(/^.*$/gm, (line) => line.trimEnd()), state: text.keys };

  function example({ loss }: PyTorchSubject, hasTraining: boolean): string[] {
    const sizes = (shape: Shape) => [batch, ...shape].join(', ');
    const { input, target } = data;
    const x =
      input.dtype === 'i32'
        ? `torch.randint(${input.vocabulary ?? 2}, (${sizes(input.shape)},))`
        : `torch.randn(${sizes(input.shape)})`;
    // As the loss sees targets: ids, zeros and ones, or numbers.
    const y =
      target.dtype === 'i32'
        ? `torch.randint(${data.outputs}, (${sizes(target.shape)},))`
        : loss.type === 'binaryCrossEntropy'
          ? `torch.randint(2, (${sizes(target.shape)},)).float()`
          : `torch.randn(${sizes(target.shape)})`;
    return [
      '',
      '',
      "if __name__ == '__main__':",
      `    torch.manual_seed(${seed})`,
      '    network = Network()',
      `    x = ${x}  # put your data here`,
      ...(hasTraining ? [`    y = ${y}`, '    train(network, iter(lambda: (x, y), None))'] : []),
      '    print(tuple(network(x).shape))',
    ];
  }
}

/** Looks at the whole network, for inits that do. */
function branchings({ network, data, batch }: PyTorchSubject): Writing['branchingOf'] {
  const parameters = new Parameters();
  const graph = new Graph();
  const { shape, dtype } = data.input;
  const input = graph.input('input', [batch, ...shape], { dtype, needsGrad: false });
  const shelf = layers as unknown as ConstructorParameters<typeof Scope>[0]['layers'];
  new Scope({ graph, parameters, layers: shelf, sites: [], mode: 'train' }).sequence(network, input);
  const weights = parameters.trained.filter(({ tensor }) => tensor.shape.length > 1);
  const byBranch = new Map<string, string[]>();
  for (const { branch, path } of weights) {
    if (branch === null) continue;
    const list = byBranch.get(branch);
    if (list) list.push(path);
    else byBranch.set(branch, [path]);
  }
  const last = weights.at(-1)?.path;
  return (path) => {
    const branch = parameters.get(path)?.branch ?? null;
    const beside = branch === null ? undefined : byBranch.get(branch);
    const index = beside?.indexOf(path) ?? -1;
    return {
      branches: byBranch.size,
      branch: index < 0 ? null : { weights: beside!.length, index },
      isLast: path === last,
    };
  };
}

function showShape(shape: Shape): string {
  return `[${['N', ...shape].join(', ')}]`;
}
