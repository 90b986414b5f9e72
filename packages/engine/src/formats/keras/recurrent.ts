import { type Flow, type GraphBuilder, permuted } from './builder.js';
import { type Call, type Config, type Converter, hardSlope, named, refuse } from './convert.js';
import { innerOwner } from './places.js';

interface Cell {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  /** Which of Keras' gates stands at each place in ONNX. */
  readonly order: readonly number[];
}

const cells: Readonly<Record<string, Cell>> = {
  LSTM: { op: 'LSTM', order: [0, 3, 1, 2] },
  GRU: { op: 'GRU', order: [0, 1, 2] },
  SimpleRNN: { op: 'RNN', order: [0] },
};

const cellFunctions: Readonly<Record<string, string>> = {
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  relu: 'Relu',
  softsign: 'Softsign',
  softplus: 'Softplus',
  hard_sigmoid: 'HardSigmoid',
  linear: 'Affine',
};

/** The functions of a recurrent cell by ONNX's names; nothing where they are the usual ones. */
function cellActivations(op: string, config: Config, graph: GraphBuilder) {
  const nameOf = (key: string, usual: string): string => {
    const fn = named(config[key] ?? usual);
    return Object.hasOwn(cellFunctions, fn)
      ? cellFunctions[fn]!
      : refuse(`${op} with the activation "${fn}"`);
  };
  const own = nameOf('activation', 'tanh');
  const gate = op === 'RNN' ? null : nameOf('recurrent_activation', 'sigmoid');
  const names = gate === null ? [own] : op === 'LSTM' ? [gate, own, own] : [gate, own];
  if (own === 'Tanh' && (gate === null || gate === 'Sigmoid')) return {};
  const numbers = (hard: number, line: number) =>
    Float32Array.from(names, (name) => (name === 'HardSigmoid' ? hard : name === 'Affine' ? line : 0));
  return {
    activations: names,
    activation_alpha: numbers(hardSlope(graph), 1),
    activation_beta: numbers(0.5, 0),
  };
}

/** Gates of Keras in ONNX's order: i f c o → i o f c; z r h as they are. */
function recurrent(
  { op, order }: Cell,
  { name, owner, config, inputs, graph }: Call,
  reverse: boolean,
): Flow {
  const [x] = inputs as [Flow];
  const [T, I] = x.shape as [number, number];
  const H = Number(config['units']);
  const gates = order.length;
  const resets = op === 'GRU' && config['reset_after'] === true;
  if (x.masked)
    refuse(`mask_zero before ${op}: steps of padding would be left out; build it with mask_zero=False`);
  const activations = cellActivations(op, config, graph);
  const blocks = (data: Float32Array, rows: number) => {
    // [rows, G·H] → [G·H, rows], gates reordered.
    const turned = permuted(data, [rows, gates * H], [1, 0]).data;
    const made = new Float32Array(turned.length);
    order.forEach((from, to) =>
      made.set(turned.subarray(from * H * rows, (from + 1) * H * rows), to * H * rows),
    );
    return made;
  };
  const w = graph.weight(owner, 'kernel', [I, gates * H], (data) => ({
    data: blocks(data, I),
    shape: [1, gates * H, I],
  }));
  const r = graph.weight(owner, 'recurrent_kernel', [H, gates * H], (data) => ({
    data: blocks(data, H),
    shape: [1, gates * H, H],
  }));
  const b =
    config['use_bias'] === false
      ? []
      : [
          graph.weight(owner, 'bias', resets ? [2, gates * H] : [gates * H], (data) => {
            const both = new Float32Array(2 * gates * H);
            for (let part = 0; part < (resets ? 2 : 1); part++)
              both.set(blocks(data.slice(part * gates * H, (part + 1) * gates * H), 1), part * gates * H);
            return { data: both, shape: [1, 2 * gates * H] };
          }),
        ];
  const time = graph.node('Transpose', [x.name], { perm: [1, 0, 2] });
  const outputs = graph.many(
    op,
    [time, w, r, ...b],
    {
      hidden_size: H,
      ...(reverse ? { direction: 'reverse' } : {}),
      ...activations,
      ...(resets ? { linear_before_reset: 1 } : {}),
    },
    name,
    op === 'LSTM' ? 3 : 2,
  );
  if (config['return_sequences'] !== true) {
    return {
      name: graph.node('Squeeze', [outputs[1]!, graph.integers([0])], {}, `${name}/last`),
      shape: [H],
    };
  }
  const squeezed = graph.node('Squeeze', [outputs[0]!, graph.integers([1])]);
  return {
    name: graph.node('Transpose', [squeezed], { perm: [1, 0, 2] }, `${name}/sequence`),
    shape: [T, H],
  };
}

/** A recurrent layer by itself. */
export const recurrentLayer =
  (kind: 'LSTM' | 'GRU' | 'SimpleRNN'): Converter =>
  (call) => {
    const reverse = call.config['go_backwards'] === true;
    if (reverse && call.config['return_sequences'] === true)
      refuse(`${kind} that gives its sequence backwards`);
    return recurrent(cells[kind]!, call, reverse);
  };

/** One layer forwards and one backwards; both are given in the order of the steps. */
export const bidirectional: Converter = (call) => {
  const { name, owner, config, graph } = call;
  const mode = config['merge_mode'] === undefined ? 'concat' : config['merge_mode'];
  const [forward, backward] = (['forward', 'backward'] as const).map((way) => {
    const described = (way === 'backward' && config['backward_layer']) || config['layer'];
    const { class_name: kind, config: own } = described as { class_name?: unknown; config?: Config };
    const cell = Object.hasOwn(cells, String(kind))
      ? cells[String(kind)]!
      : refuse(`Bidirectional of ${String(kind)}`);
    return recurrent(
      cell,
      { ...call, name: `${name}/${way}`, owner: innerOwner(owner, config['layer'], way), config: own ?? {} },
      way === 'backward',
    );
  }) as [Flow, Flow];
  const both = [forward.name, backward.name];
  if (mode === 'concat') {
    const width = forward.shape.at(-1)! + backward.shape.at(-1)!;
    return {
      name: graph.node('Concat', both, { axis: -1 }, name),
      shape: [...forward.shape.slice(0, -1), width],
    };
  }
  if (mode === 'sum') return { ...forward, name: graph.node('Add', both, {}, name) };
  if (mode === 'mul') return { ...forward, name: graph.node('Mul', both, {}, name) };
  if (mode === 'ave') {
    const sum = graph.node('Add', both, {}, `${name}/sum`);
    return { ...forward, name: graph.node('Mul', [sum, graph.scalar(0.5)], {}, name) };
  }
  return refuse('Bidirectional that gives both directions apart');
};
