import type { Random, Ward } from './patient.js';

type Spec = Record<string, unknown>;

const sgd = (lr: number) => ({ type: 'sgd', lr });
const adam = (lr: number) => ({ type: 'adam', lr });

/** A multilayer perceptron on digits: 300 steps, batches of 64, unless `rest` says otherwise. */
function mlp(model: Spec, optimizer: Spec, rest: Spec = {}): { family: string; spec: Spec } {
  return {
    family: 'mlp',
    spec: {
      data: { source: 'digits', batch: 64 },
      model: { type: 'mlp', ...model },
      optimizer,
      steps: 300,
      ...rest,
    },
  };
}

function cnn(model: Spec, optimizer: Spec, steps = 150): { family: string; spec: Spec } {
  return {
    family: 'cnn',
    spec: {
      data: { source: 'digits', batch: 32 },
      model: { type: 'cnn', width: 8, ...model },
      optimizer,
      steps,
    },
  };
}

function resnet(model: Spec, optimizer: Spec, steps = 120): { family: string; spec: Spec } {
  return {
    family: 'resnet',
    spec: {
      data: { source: 'digits', batch: 32 },
      model: { type: 'resnet', width: 8, ...model },
      optimizer,
      steps,
    },
  };
}

function recurrent(
  type: string,
  model: Spec,
  optimizer: Spec,
  rest: Spec = {},
): { family: string; spec: Spec } {
  return {
    family: type,
    spec: {
      data: { source: 'sequentialDigits', batch: 32 },
      model: { type, hidden: 32, ...model },
      optimizer,
      steps: 300,
      ...rest,
    },
  };
}

function transformer(model: Spec, optimizer: Spec, steps = 150): { family: string; spec: Spec } {
  return {
    family: 'transformer',
    spec: {
      data: { source: 'sequentialDigits', batch: 32 },
      model: { type: 'transformer', width: 32, hidden: 64, ...model },
      optimizer,
      steps,
    },
  };
}

const widths = [32, 48, 64, 96, 128];
const spirals = { data: { source: 'spirals', batch: 64 }, steps: 800 };

function healthyMlp(r: Random): { family: string; spec: Spec } {
  const width = r.pick(widths);
  return r.pick([
    () =>
      mlp(
        { depth: r.int(1, 8), width, activation: r.pick(['relu', 'leakyRelu']) },
        sgd(r.pick([0.03, 0.05, 0.1])),
      ),
    () => mlp({ depth: r.int(1, 15), width, activation: 'tanh' }, sgd(r.pick([0.05, 0.1]))),
    () =>
      mlp(
        { depth: r.int(2, 6), width, activation: r.pick(['gelu', 'silu', 'elu', 'mish']) },
        sgd(r.pick([0.05, 0.1])),
      ),
    () => mlp({ depth: r.int(2, 8), width, activation: 'selu' }, sgd(0.03)),
    () => mlp({ depth: r.int(2, 12), width, activation: r.pick(['relu', 'tanh']) }, adam(0.001)),
    () =>
      mlp(
        { depth: r.int(2, 8), width, activation: 'relu', norm: r.pick(['batch', 'layer']) },
        sgd(r.pick([0.05, 0.1])),
      ),
    () => mlp({ depth: r.int(10, 20), width, activation: 'tanh', init: 'orthogonal' }, sgd(0.05)),
    () => mlp({ depth: r.int(1, 2), width, activation: 'sigmoid' }, sgd(0.3), { steps: 600 }),
    () => mlp({ depth: r.int(3, 6), width, activation: 'relu', skip: true, norm: 'batch' }, sgd(0.05)),
    () => mlp({ depth: r.int(3, 6), width: 64, activation: 'relu' }, sgd(0.1), spirals),
    () => mlp({ depth: r.int(2, 6), width, activation: 'tanh' }, sgd(0.1), spirals),
    () =>
      mlp({ depth: r.int(1, 4), width: 32, activation: 'relu' }, sgd(0.05), {
        data: { source: 'breastCancer', batch: 32 },
      }),
    () => ({
      family: 'mlp',
      spec: {
        data: { source: 'digits', batch: 64 },
        network: [
          { type: 'dense', out: width, activation: 'relu', repeat: r.int(1, 3) },
          { type: 'dense', out: 48, activation: 'tanh', repeat: r.int(1, 3) },
          { type: 'dense', out: 10 },
        ],
        optimizer: sgd(0.1),
        steps: 300,
      },
    }),
  ])();
}

function healthyOther(r: Random): { family: string; spec: Spec } {
  return r.pick([
    () =>
      cnn(
        { depth: r.int(1, 5), activation: r.pick(['relu', 'tanh', 'leakyRelu']) },
        sgd(r.pick([0.03, 0.05])),
      ),
    () => cnn({ depth: r.int(2, 6), activation: 'relu', norm: 'batch' }, sgd(0.1)),
    () => cnn({ depth: r.int(2, 5), activation: 'relu' }, adam(0.002)),
    () => resnet({ depth: r.pick([8, 14]) }, sgd(0.1)),
    () => recurrent('rnn', { hidden: r.pick([24, 32, 48]) }, sgd(r.pick([0.1, 0.2]))),
    () => recurrent('rnn', {}, adam(0.005)),
    () => recurrent('lstm', { hidden: r.pick([24, 32]) }, adam(0.01)),
    () => recurrent('gru', { hidden: r.pick([24, 32]) }, adam(0.01)),
    () => recurrent('gru', {}, sgd(0.5)),
    () => transformer({ layers: r.int(1, 3) }, adam(0.002), 200),
  ])();
}

/**
 * The wards. Each builds patients of one disease by what is known to cause it, over the families in which it occurs;
 * the numbers drawn go well past the border, so that the construction is the label.
 */
export const wards: readonly Ward[] = [
  { name: 'healthy', roots: [], count: { tuning: 45, heldOut: 45 }, draw: healthyMlp },
  { name: 'healthyOther', roots: [], count: { tuning: 20, heldOut: 20 }, draw: healthyOther },
  {
    name: 'vanishing',
    roots: ['vanishing'],
    count: { tuning: 16, heldOut: 16 },
    draw: (r) => {
      const width = r.pick(widths);
      return r.pick([
        () =>
          mlp(
            {
              depth: r.int(5, 12),
              width,
              activation: 'sigmoid',
              init: r.pick(['xavierUniform', 'xavierNormal', 'lecunNormal']),
            },
            sgd(0.1),
          ),
        () => mlp({ depth: r.int(12, 50), width, activation: 'sigmoid' }, sgd(r.pick([0.03, 0.1, 0.3]))),
        () => mlp({ depth: r.int(4, 8), width, activation: 'hardSigmoid', init: 'xavierUniform' }, sgd(0.1)),
        () => mlp({ depth: r.int(15, 30), width, activation: 'sigmoid' }, adam(0.001)),
        () =>
          mlp(
            { depth: r.int(3, 6), width, activation: 'sigmoid', init: { normal: r.pick([0.01, 0.02]) } },
            sgd(0.1),
          ),
        () => mlp({ depth: r.int(8, 12), width: 64, activation: 'sigmoid' }, sgd(0.1), spirals),
      ])();
    },
  },
  {
    name: 'vanishingConv',
    roots: ['vanishing'],
    count: { tuning: 4, heldOut: 4 },
    draw: (r) => cnn({ depth: r.int(5, 9), activation: 'sigmoid', pools: r.int(0, 1) }, sgd(0.1), 80),
  },
  {
    name: 'vanishingTime',
    roots: ['vanishing'],
    count: { tuning: 6, heldOut: 6 },
    draw: (r) =>
      r.pick<() => ReturnType<Ward['draw']>>([
        () =>
          recurrent(
            'rnn',
            { recurrentInit: { fn: 'orthogonal', gain: r.pick([0.3, 0.4, 0.5]) } },
            sgd(0.05),
            {
              data: { source: 'sequentialDigits', by: 'pixels', batch: 32 },
              steps: 100,
            },
          ),
        // Adding takes a thousand steps and more, whatever the cell.
        () => ({
          curable: false,
          ...recurrent('lstm', { hidden: 16, forgetBias: r.pick([-2, -1]) }, adam(0.003), {
            data: { source: 'adding', length: r.int(40, 60), batch: 32 },
            steps: 120,
          }),
        }),
        () => ({
          curable: false,
          ...recurrent('rnn', { recurrentInit: { normal: r.pick([0.02, 0.05]) } }, adam(0.003), {
            data: { source: 'adding', length: r.int(30, 50), batch: 32 },
            steps: 120,
          }),
        }),
      ])(),
  },
  {
    name: 'forwardDecay',
    roots: ['forwardDecay'],
    count: { tuning: 14, heldOut: 14 },
    draw: (r) => {
      const width = r.pick(widths);
      return r.pick([
        () =>
          mlp(
            {
              depth: r.int(20, 45),
              width,
              activation: 'relu',
              init: r.pick(['xavierUniform', 'xavierNormal', 'lecunNormal']),
            },
            sgd(0.1),
          ),
        () =>
          mlp(
            {
              depth: r.int(3, 10),
              width,
              activation: r.pick(['tanh', 'relu', 'gelu', 'elu']),
              init: { normal: r.pick([0.005, 0.01]) },
            },
            sgd(0.1),
          ),
        () =>
          mlp(
            {
              depth: r.int(8, 16),
              width,
              activation: r.pick(['tanh', 'leakyRelu']),
              init: { fn: 'xavierUniform', gain: r.pick([0.3, 0.4]) },
            },
            sgd(0.1),
          ),
        () =>
          mlp({ depth: r.int(20, 30), width, activation: 'relu', init: 'xavierUniform' }, sgd(0.1), spirals),
        () =>
          cnn({ depth: r.int(4, 7), activation: 'relu', init: { normal: 0.01 }, pools: 0 }, sgd(0.05), 80),
      ])();
    },
  },
  {
    name: 'exploding',
    roots: ['exploding'],
    count: { tuning: 14, heldOut: 14 },
    draw: (r) => {
      const width = r.pick(widths);
      return r.pick([
        () =>
          mlp(
            {
              depth: r.int(11, 25),
              width: r.pick([64, 96]),
              activation: 'tanh',
              init: { fn: 'xavierUniform', gain: r.pick([3, 3.5]) },
            },
            sgd(0.1),
          ),
        () =>
          mlp(
            {
              depth: r.int(5, 12),
              width,
              activation: 'relu',
              init: { fn: 'heNormal', gain: r.pick([2, 3]) },
            },
            sgd(0.05),
          ),
        () =>
          mlp(
            {
              depth: r.int(3, 6),
              width,
              activation: r.pick(['relu', 'leakyRelu']),
              init: { normal: r.pick([0.7, 1]) },
            },
            sgd(0.05),
          ),
        () => mlp({ depth: r.int(10, 40), width, activation: 'relu', skip: true }, sgd(0.1)),
        () =>
          cnn(
            { depth: r.int(4, 6), activation: 'relu', init: { fn: 'heNormal', gain: 3 }, pools: 0 },
            sgd(0.05),
            60,
          ),
        () => mlp({ depth: r.int(35, 50), width, activation: 'relu', norm: 'batch' }, sgd(0.01)),
      ])();
    },
  },
  {
    name: 'explodingTime',
    roots: ['exploding'],
    count: { tuning: 4, heldOut: 4 },
    draw: (r) =>
      recurrent('rnn', { recurrentInit: { fn: 'orthogonal', gain: r.pick([2.5, 3, 4]) } }, sgd(0.1), {
        data: { source: 'sequentialDigits', by: 'pixels', batch: 32 },
        steps: 80,
      }),
  },
  {
    name: 'saturation',
    roots: ['saturation'],
    count: { tuning: 8, heldOut: 8 },
    draw: (r) =>
      mlp(
        {
          depth: r.int(2, 3),
          width: r.pick(widths),
          activation: r.pick(['tanh', 'hardTanh']),
          init: { fn: 'xavierUniform', gain: r.pick([15, 20, 30]) },
        },
        sgd(r.pick([0.03, 0.1])),
      ),
  },
  {
    name: 'deadUnits',
    roots: ['deadUnits'],
    count: { tuning: 8, heldOut: 8 },
    draw: (r) =>
      r.pick([
        () =>
          mlp(
            {
              depth: r.int(3, 6),
              width: r.pick(widths),
              activation: 'relu',
              bias: { constant: r.pick([-4, -8]) },
            },
            sgd(0.05),
          ),
        () => mlp({ depth: r.int(10, 16), width: 2, activation: 'relu' }, sgd(0.05)),
      ])(),
  },
  {
    name: 'symmetry',
    roots: ['symmetry'],
    count: { tuning: 8, heldOut: 8 },
    draw: (r) => {
      const init = r.pick(['zeros', { constant: r.pick([0.01, 0.05, 0.1]) }]);
      return r.pick([
        () =>
          mlp(
            {
              depth: r.int(2, 5),
              width: r.pick(widths),
              activation: r.pick(['relu', 'tanh', 'sigmoid', 'gelu']),
              init,
            },
            r.pick([sgd(0.1), adam(0.001)]),
          ),
        () => cnn({ depth: r.int(2, 4), activation: r.pick(['relu', 'tanh']), init }, sgd(0.05), 60),
      ])();
    },
  },
  {
    name: 'learningRateTooHigh',
    roots: ['learningRateTooHigh', 'nonFinite', 'exploding'],
    count: { tuning: 14, heldOut: 14 },
    draw: (r) => {
      const width = r.pick(widths);
      return r.pick([
        () => mlp({ depth: r.int(4, 8), width, activation: 'relu' }, sgd(r.scale(3, 100))),
        () => mlp({ depth: r.int(3, 8), width, activation: 'tanh' }, sgd(r.scale(2, 100))),
        () => mlp({ depth: r.int(3, 6), width, activation: r.pick(['relu', 'gelu']) }, adam(r.scale(0.2, 2))),
        () => cnn({ depth: r.int(3, 5), activation: 'relu' }, sgd(r.scale(2, 20)), 60),
        () => recurrent('rnn', {}, sgd(r.scale(5, 50)), { steps: 120 }),
        () => recurrent('lstm', { hidden: 24 }, adam(r.scale(0.5, 3)), { steps: 120 }),
        () => transformer({ layers: 2 }, adam(r.scale(0.1, 1)), 80),
      ])();
    },
  },
  {
    name: 'learningRateTooLow',
    roots: ['learningRateTooLow'],
    count: { tuning: 12, heldOut: 12 },
    draw: (r) => {
      const width = r.pick(widths);
      return r.pick([
        () =>
          mlp(
            { depth: r.int(2, 6), width, activation: r.pick(['relu', 'tanh', 'gelu']) },
            sgd(r.scale(1e-6, 3e-4)),
          ),
        () =>
          mlp({ depth: r.int(2, 6), width, activation: r.pick(['relu', 'tanh']) }, adam(r.scale(1e-7, 2e-5))),
        () => cnn({ depth: r.int(2, 4), activation: 'relu' }, sgd(r.scale(1e-6, 2e-4)), 80),
        () => recurrent('rnn', {}, sgd(r.scale(1e-5, 5e-4)), { steps: 120 }),
        () => recurrent('gru', { hidden: 24 }, adam(r.scale(1e-7, 1e-5)), { steps: 120 }),
        () => transformer({ layers: 1 }, adam(r.scale(1e-7, 5e-6)), 60),
      ])();
    },
  },
  {
    name: 'unscaledInput',
    roots: ['unscaledInput'],
    count: { tuning: 7, heldOut: 7 },
    draw: (r) =>
      r.pick([
        () =>
          mlp({ depth: r.int(2, 6), width: r.pick(widths), activation: 'relu' }, sgd(0.1), {
            data: { source: 'digits', scale: 'none', batch: 64 },
          }),
        () =>
          mlp({ depth: r.int(1, 4), width: 32, activation: r.pick(['relu', 'tanh']) }, sgd(0.05), {
            data: { source: 'breastCancer', scale: 'none', batch: 32 },
          }),
      ])(),
  },
  {
    name: 'lossMismatch',
    roots: ['lossMismatch'],
    count: { tuning: 6, heldOut: 6 },
    draw: (r) => ({
      family: 'mlp',
      spec: {
        data: { source: 'digits', batch: 64 },
        network: [
          { type: 'dense', out: r.pick(widths), activation: r.pick(['relu', 'tanh']), repeat: r.int(1, 3) },
          { type: 'dense', out: 10, activation: r.pick(['softmax', 'sigmoid']) },
        ],
        optimizer: sgd(0.1),
        steps: 300,
      },
    }),
  },
  {
    name: 'oscillation',
    roots: ['oscillation', 'learningRateTooHigh', 'nonFinite'],
    count: { tuning: 5, heldOut: 5 },
    draw: (r) => mlp({ depth: r.int(9, 12), width: 64, activation: 'relu' }, sgd(r.scale(0.25, 0.4))),
  },
  {
    name: 'shattered',
    roots: ['shattered', 'rankCollapse'],
    count: { tuning: 5, heldOut: 5 },
    draw: (r) =>
      mlp({ depth: r.int(55, 70), width: r.pick([96, 128]), activation: 'relu' }, sgd(0.02), { steps: 200 }),
  },
  {
    name: 'culprit',
    roots: ['vanishing', 'forwardDecay'],
    count: { tuning: 8, heldOut: 8 },
    draw: (r) => {
      const [before, after] = [r.int(1, 4), r.int(1, 4)];
      const good = { type: 'dense', out: 64, activation: 'tanh' };
      return {
        family: 'mlp',
        culprit: before,
        spec: {
          data: { source: 'digits', batch: 64 },
          network: [
            { ...good, repeat: before },
            { ...good, init: { normal: r.pick([1e-5, 1e-4]) } },
            { ...good, repeat: after },
            { type: 'dense', out: 10 },
          ],
          optimizer: sgd(0.005),
          steps: 40,
        },
      };
    },
  },
];
