import { call, number, plainText } from './python.js';

type Options = Readonly<Record<string, unknown>>;

/** What decides a training run, as plain data. */
export interface TrainingText {
  readonly loss: { readonly type: string; readonly options: Options };
  readonly optimizer: { readonly type: string; readonly lr: number; readonly [option: string]: unknown };
  readonly schedule: { readonly type: string; readonly [option: string]: unknown };
  readonly clip?: { readonly norm?: number; readonly value?: number; readonly type?: unknown } | undefined;
  readonly steps: number;
}

const at = (options: Options, key: string): string => number(options[key] as number);
/** An option that is left out where it is 0 or false. */
const unlessNone = (value: unknown): string | boolean | undefined =>
  value === 0 || value === false || value === undefined
    ? undefined
    : value === true
      ? true
      : number(value as number);
const betas = (options: Options) => `(${at(options, 'beta1')}, ${at(options, 'beta2')})`;

/** Every optimizer of the shelf, by id: PyTorch's class and its arguments besides lr. */
export const optimizerWriters: Readonly<
  Record<string, (options: Options) => [string, Record<string, string | boolean | undefined>]>
> = {
  sgd: (o) => [
    'SGD',
    {
      momentum: unlessNone(o['momentum']),
      dampening: unlessNone(o['dampening']),
      nesterov: unlessNone(o['nesterov']),
    },
  ],
  rmsprop: (o) => [
    'RMSprop',
    {
      alpha: at(o, 'alpha'),
      eps: at(o, 'eps'),
      momentum: unlessNone(o['momentum']),
      centered: unlessNone(o['centered']),
    },
  ],
  adagrad: (o) => ['Adagrad', { lr_decay: unlessNone(o['lrDecay']), eps: at(o, 'eps') }],
  adadelta: (o) => ['Adadelta', { rho: at(o, 'rho'), eps: at(o, 'eps') }],
  adam: (o) => ['Adam', { betas: betas(o), eps: at(o, 'eps'), amsgrad: unlessNone(o['amsgrad']) }],
  adamW: (o) => ['AdamW', { betas: betas(o), eps: at(o, 'eps'), amsgrad: unlessNone(o['amsgrad']) }],
  adamax: (o) => ['Adamax', { betas: betas(o), eps: at(o, 'eps') }],
  nadam: (o) => [
    'NAdam',
    {
      betas: betas(o),
      eps: at(o, 'eps'),
      momentum_decay: at(o, 'momentumDecay'),
      decoupled_weight_decay: unlessNone(o['decoupled']),
    },
  ],
  radam: (o) => [
    'RAdam',
    { betas: betas(o), eps: at(o, 'eps'), decoupled_weight_decay: unlessNone(o['decoupled']) },
  ],
};

/** Every schedule of the shelf but `constant`: the factor on the learning rate at `step`, from 0. */
export const scheduleWriters: Readonly<Record<string, (options: Options, steps: number) => string>> = {
  linearWarmup: (o) => `min(1, (step + 1) / ${at(o, 'warmup')})`,
  step: (o) => warmed(o, `${at(o, 'factor')} ** (step // ${at(o, 'every')})`),
  cosine: (o, steps) => {
    const [warmup, floor] = [o['warmup'] as number, o['floor'] as number];
    const progress = `min(1, ${warmup === 0 ? 'step' : `(step - ${warmup})`} / ${Math.max(1, steps - warmup)})`;
    const half = `(1 + math.cos(math.pi * ${progress})) / 2`;
    return warmed(o, floor === 0 ? half : `${number(floor)} + ${number(1 - floor)} * ${half}`);
  },
};

function warmed(options: Options, rest: string): string {
  const warmup = options['warmup'] as number;
  return warmup === 0 ? rest : `(step + 1) / ${warmup} if step < ${warmup} else ${rest}`;
}

/** Every loss of the shelf whose formula is PyTorch's own: an expression of the output `p` and the target `y`. */
export const lossWriters: Readonly<Record<string, (options: Options) => string>> = {
  crossEntropy: (o) =>
    call('F.cross_entropy', ['p', 'y'], {
      ignore_index: '-1',
      weight: tensor(o['classWeights']),
      label_smoothing: unlessNone(o['labelSmoothing']),
    }),
  nextToken: (o) =>
    call('F.cross_entropy', ['p.flatten(0, 1)', 'y.flatten()'], {
      ignore_index: '-1',
      label_smoothing: unlessNone(o['labelSmoothing']),
    }),
  binaryCrossEntropy: (o) =>
    call('F.binary_cross_entropy_with_logits', ['p', 'y.float().reshape(p.shape)'], {
      pos_weight: o['positiveWeight'] === 1 ? undefined : tensor(o['positiveWeight']),
    }),
  meanSquaredError: () => 'F.mse_loss(p, y)',
  meanAbsoluteError: () => 'F.l1_loss(p, y)',
  huber: (o) => call('F.huber_loss', ['p', 'y'], { delta: o['delta'] === 1 ? undefined : at(o, 'delta') }),
};

/** Numbers as a tensor of the output's kind and place; nothing where there are none. */
function tensor(numbers: unknown): string | undefined {
  if (numbers === undefined) return undefined;
  const list = Array.isArray(numbers) ? `[${numbers.map(number).join(', ')}]` : number(numbers as number);
  return `p.new_tensor(${list})`;
}

/** The function `train`, or the reason why there is none. */
export function trainingLines(training: TrainingText, needsLsuv: boolean): string[] {
  const { optimizer, schedule, clip, steps } = training;
  const loss = lossWriters[training.loss.type];
  if (loss === undefined) {
    return [
      `# The loss "${plainText(training.loss.type)}" is Fuga's own and not part of this file: train the module with yours.`,
    ];
  }
  const { type, lr, weightDecay, ...options } = optimizer;
  const [name, args] = optimizerWriters[type]!(options);
  const decay = weightDecay as number;
  const made = call(`torch.optim.${name}`, ['network.parameters()'], {
    lr: number(lr),
    ...args,
    weight_decay: decay === 0 && type !== 'adamW' ? undefined : number(decay),
  });
  const factor = schedule.type === 'constant' ? null : scheduleWriters[schedule.type]!(schedule, steps);
  return [
    'def train(network, batches):',
    `    """${steps} steps; \`batches\` gives pairs (x, y) without end."""`,
    `    optimizer = ${made}`,
    ...(factor === null
      ? []
      : [`    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: ${factor})`]),
    '    network.train()',
    `    for step, (x, y) in zip(range(${steps}), batches):`,
    ...(needsLsuv ? ['        if step == 0:', '            lsuv_(network, x)'] : []),
    '        p = network(x)',
    `        loss = ${loss(training.loss.options)}`,
    '        optimizer.zero_grad()',
    '        loss.backward()',
    ...(clip?.norm === undefined
      ? []
      : [`        nn.utils.clip_grad_norm_(network.parameters(), ${number(clip.norm)})`]),
    ...(clip?.value === undefined
      ? []
      : [`        nn.utils.clip_grad_value_(network.parameters(), ${number(clip.value)})`]),
    '        optimizer.step()',
    ...(factor === null ? [] : ['        schedule.step()']),
    '    return network',
  ];
}
