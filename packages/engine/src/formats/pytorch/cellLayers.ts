import type { ActivationSpec } from '../../activations/activation.js';
import { EngineError } from '../../core/errors.js';
import type { LayerSpec } from '../../core/layer.js';
import type { InitSpec } from '../../inits/init.js';
import { initLines, initNeeds } from './inits.js';
import { activeBy, type WriteLayer } from './plainLayers.js';
import { call, indented, number } from './python.js';
import type { LayerPlace, StateKey, Unit } from './unit.js';

/** Statements that draw each of `blocks` equal parts of a weight by itself (a cell's gates; q, k and v). */
function drawBlocks(
  weight: string,
  name: string,
  blocks: number,
  spec: InitSpec,
  place: LayerPlace,
): string[] {
  const { shape, fanIn, fanOut } = place.parameters.get(name)!;
  const parameter = { shape: [shape[0]! / blocks, ...shape.slice(1)], fanIn, fanOut };
  const target = (expression: string) =>
    initLines(spec, { weight: expression, parameter, path: name, branching: place.branching, module: null });
  if (blocks === 1) return target(weight);
  return [`for part in ${weight}.data.chunk(${blocks}):`, ...indented(target('part'))];
}

const ownKeys = ({ parameters }: LayerPlace): StateKey[] =>
  [...parameters.keys()].map((name) => ({ path: name, key: name }));

const recurrent =
  (name: 'nn.RNN' | 'nn.LSTM' | 'nn.GRU', gates: number): WriteLayer =>
  (options, place) => {
    const { hidden, layers, bidirectional, returns, init, recurrentInit, forgetBias } =
      options as unknown as {
        hidden: number;
        layers: number;
        bidirectional: boolean;
        returns: 'last' | 'sequence';
        init: InitSpec;
        recurrentInit: InitSpec;
        forgetBias?: number;
      };
    const make = call(name, [place.inputs[0]!.at(-1)!, hidden], {
      num_layers: layers === 1 ? undefined : layers,
      nonlinearity: options['activation'] === 'relu' ? "'relu'" : undefined,
      batch_first: true,
      bidirectional: bidirectional ? true : undefined,
    });
    const last = name === 'nn.LSTM' ? '[1][0]' : '[1]';
    return {
      members: [{ suffix: '', make }],
      forward: ([x], m) => {
        if (returns === 'sequence') return `${m()}(${x})[0]`;
        if (!bidirectional) return `${m()}(${x})${last}[-1]`;
        return { lines: [`h = ${m()}(${x})${last}`], value: 'torch.cat([h[-2], h[-1]], 1)' };
      },
      reset: (m) =>
        [...place.parameters.keys()].flatMap((each) => {
          const weight = `${m()}.${each}`;
          if (each.startsWith('weight_ih')) return drawBlocks(weight, each, gates, init, place);
          if (each.startsWith('weight_hh')) return drawBlocks(weight, each, gates, recurrentInit, place);
          const forget = forgetBias !== undefined && forgetBias !== 0 && each.startsWith('bias_ih');
          return [
            `nn.init.zeros_(${weight})`,
            ...(forget
              ? [
                  `nn.init.constant_(${weight}.data[${hidden}:${2 * hidden}], ${number(forgetBias)})  # forget gate`,
                ]
              : []),
          ];
        }),
      keys: ownKeys(place),
      needs: [...initNeeds(init), ...initNeeds(recurrentInit)],
    };
  };

export const rnn = recurrent('nn.RNN', 1);
export const lstm = recurrent('nn.LSTM', 4);
export const gru = recurrent('nn.GRU', 3);

/** Statements for `nn.MultiheadAttention`; `prefix` goes before its parameters' names in Fuga. */
function resetAttention(m: string, prefix: string, init: InitSpec, place: LayerPlace): string[] {
  return [
    ...drawBlocks(`${m}.in_proj_weight`, `${prefix}in_proj_weight`, 3, init, place),
    `nn.init.zeros_(${m}.in_proj_bias)`,
    ...drawBlocks(`${m}.out_proj.weight`, `${prefix}out_proj.weight`, 1, init, place),
    `nn.init.zeros_(${m}.out_proj.bias)`,
  ];
}

const attend = (m: string, x: string, causal: boolean) =>
  `${m}(${x}, ${x}, ${x}, need_weights=False${causal ? `, attn_mask=causal_mask(${x})` : ''})[0]`;

export const attention: WriteLayer = (options, place) => {
  const { heads, causal, init } = options as unknown as { heads: number; causal: boolean; init: InitSpec };
  return {
    members: [
      {
        suffix: '',
        make: call('nn.MultiheadAttention', [place.output.at(-1)!, heads], { batch_first: true }),
      },
    ],
    forward: ([x], m) => attend(m(), x!, causal),
    reset: (m) => resetAttention(m(), '', init, place),
    keys: ownKeys(place),
    needs: [...(causal ? ['causal_mask'] : []), ...initNeeds(init)],
  };
};

export const transformer: WriteLayer = (options, place) => {
  const { heads, norm, causal, dropout, init, activation } = options as unknown as {
    heads: number;
    norm: 'pre' | 'post';
    causal: boolean;
    dropout: number;
    init: InitSpec;
    activation: ActivationSpec;
  };
  const D = place.output.at(-1)!;
  const hidden = place.parameters.get('linear1.weight')!.shape[0]!;
  const width = place.parameters.get('linear2.weight')!.shape[1]!;
  const active = activeBy(activation, [...place.output.slice(0, -1), hidden], 'act');
  const drop = (x: string) => (dropout === 0 ? x : `F.dropout(${x}, ${number(dropout)}, self.training)`);
  const m = (suffix = '') => `self.${suffix}`;
  const feed = (x: string) => drop(`self.linear2(${drop(active.of(`self.linear1(${x})`, m))})`);
  const forward =
    norm === 'pre'
      ? [
          'y = self.norm1(x)',
          `x = x + ${drop(attend('self.self_attn', 'y', causal))}`,
          `return x + ${feed('self.norm2(x)')}`,
        ]
      : [
          `x = self.norm1(x + ${drop(attend('self.self_attn', 'x', causal))})`,
          `return self.norm2(x + ${feed('x')})`,
        ];
  const linear = (name: string) => [
    ...drawBlocks(`self.${name}.weight`, `${name}.weight`, 1, init, place),
    `nn.init.zeros_(self.${name}.bias)`,
  ];
  const text = (name: string) => [
    `class ${name}(nn.Module):`,
    `    """A transformer block, ${norm}-norm${causal ? ', causal' : ''}."""`,
    '',
    '    def __init__(self):',
    ...indented(
      [
        'super().__init__()',
        `self.self_attn = nn.MultiheadAttention(${D}, ${heads}, batch_first=True)`,
        `self.linear1 = nn.Linear(${D}, ${hidden})`,
        `self.linear2 = nn.Linear(${width}, ${D})`,
        `self.norm1 = nn.LayerNorm(${D})`,
        `self.norm2 = nn.LayerNorm(${D})`,
        ...active.members.map(({ suffix, make }) => `self.${suffix} = ${make}`),
        'self.reset_parameters()',
      ],
      2,
    ),
    '',
    '    def reset_parameters(self):',
    ...indented(
      [
        ...resetAttention('self.self_attn', 'self_attn.', init, place),
        ...linear('linear1'),
        ...linear('linear2'),
      ],
      2,
    ),
    '',
    '    def forward(self, x):',
    ...indented(forward, 2),
  ];
  return {
    members: [{ suffix: '', make: `${place.define('TransformerBlock', text)}()` }],
    forward: ([x], self) => `${self()}(${x})`,
    keys: [
      ...ownKeys(place).filter(({ path }) => path !== 'slope'),
      ...active.keys.map(({ path, key }) => ({ path, key: `act.${key}` })),
    ],
    needs: [...(causal ? ['causal_mask'] : []), ...active.needs, ...initNeeds(init)],
  };
};

/** The head's branches by name: `box0`, `class0`, … */
export const detect: WriteLayer = (options, place) => {
  const activation = options['activation'] as ActivationSpec;
  const names = place.inputs.flatMap((_, i) => [`box${i}`, `class${i}`]);
  const keys: StateKey[] = [];
  const lines = names.map((name) => {
    const first = place.parameters.get(`${name}.0.weight`)!.shape;
    const second = place.parameters.get(`${name}.1.weight`)!.shape;
    const at = (own: string, torch: string) => keys.push({ path: `${name}.${own}`, key: `${name}.${torch}` });
    at('0.weight', '0.weight');
    at('0.scale', '1.weight');
    at('0.shift', '1.bias');
    at('0.mean', '1.running_mean');
    at('0.variance', '1.running_var');
    at('1.weight', '3.weight');
    at('1.bias', '3.bias');
    return [
      `self.${name} = nn.Sequential(`,
      `    nn.Conv2d(${first[1]}, ${first[0]}, 3, padding=1, bias=False),`,
      `    nn.BatchNorm2d(${first[0]}),`,
      '    Active(),',
      `    nn.Conv2d(${second[1]}, ${second[0]}, 1),`,
      ')',
    ];
  });
  const draw = (weight: string, name: string, spec: InitSpec) =>
    initLines(spec, {
      weight,
      parameter: place.parameters.get(name)!,
      path: name,
      branching: place.branching,
      module: null,
    });
  const reset = names.flatMap((name) => [
    ...draw(`self.${name}[0].weight`, `${name}.0.weight`, 'heNormal'),
    ...draw(`self.${name}[3].weight`, `${name}.1.weight`, 'xavierNormal'),
    `nn.init.constant_(self.${name}[3].bias, ${name.startsWith('class') ? '-4.6' : '0.0'})`,
  ]);
  const shape = place.inputs[0]!;
  const active = activeBy(activation, shape);
  if (active.members.length > 0) {
    throw new EngineError(
      'UNSUPPORTED',
      'detect with prelu cannot be written in PyTorch yet; use another activation',
    );
  }
  const activeClass = place.define('Active', (name) => [
    `class ${name}(nn.Module):`,
    '    def forward(self, x):',
    `        return ${active.of('x', () => '')}`,
  ]);
  const text = (name: string) => [
    `class ${name}(nn.Module):`,
    '    """An anchor-free head: a box and class logits from every pixel of its maps."""',
    '',
    '    def __init__(self):',
    '        super().__init__()',
    ...indented(
      lines.flat().map((line) => line.replace('Active()', `${activeClass}()`)),
      2,
    ),
    '        self.reset_parameters()',
    '',
    '    def reset_parameters(self):',
    ...indented(reset, 2),
    '',
    '    def forward(self, *maps):',
    '        heads = [',
    ...indented(
      place.inputs.map((_, i) => `(self.box${i}(maps[${i}]), self.class${i}(maps[${i}])),`),
      3,
    ),
    '        ]',
    '        return decode(heads)',
  ];
  return {
    members: [{ suffix: '', make: `${place.define('Detect', text)}()` }],
    forward: (x, m) => `${m()}(${x.join(', ')})`,
    keys,
    needs: ['decode', ...active.needs],
  } satisfies Unit;
};

/** A container as a class of its own. */
function containerClass(
  kind: string,
  what: string,
  place: LayerPlace,
  own: {
    readonly init: readonly string[];
    readonly forward: (body: readonly string[]) => string[];
    readonly reset: readonly string[];
  },
): { make: string; keys: readonly StateKey[] } {
  const body = place.body('body');
  const reset = [...body.reset, ...own.reset];
  const text = (name: string) => [
    `class ${name}(nn.Module):`,
    `    """${what}"""`,
    '',
    '    def __init__(self):',
    ...indented(
      [
        'super().__init__()',
        ...body.init,
        ...own.init,
        ...(reset.length > 0 ? ['self.reset_parameters()'] : []),
      ],
      2,
    ),
    '',
    ...(reset.length > 0 ? ['    def reset_parameters(self):', ...indented(reset, 2), ''] : []),
    '    def forward(self, x):',
    ...indented(own.forward(body.forward), 2),
  ];
  return { make: `${place.define(kind, text)}()`, keys: body.keys };
}

export const block: WriteLayer = (_: LayerSpec, place) => {
  const { make, keys } = containerClass('Block', 'Layers that belong together.', place, {
    init: [],
    forward: (body) => [...body, 'return x'],
    reset: [],
  });
  return { members: [{ suffix: '', make }], forward: ([x], m) => `${m()}(${x})`, keys };
};

export const residual: WriteLayer = (options, place) => {
  const { scale, activation } = options as unknown as { scale: number; activation: ActivationSpec };
  const projection = place.parameters.get('projection');
  const active = activeBy(activation, place.output, 'act');
  const [x] = place.inputs;
  let make: string | null = null;
  if (projection) {
    const [out, into] = projection.shape as [number, number];
    make =
      projection.shape.length === 4
        ? call('nn.Conv2d', [into, out, 1], {
            stride: pairOfStrides(x!, place.output),
            bias: false,
          })
        : call('nn.Linear', [into, out], { bias: false });
  }
  const draw = projection
    ? initLines(projection.shape.length === 4 ? 'heNormal' : 'xavierUniform', {
        weight: 'self.projection.weight',
        parameter: projection,
        path: 'projection',
        branching: place.branching,
        module: null,
      })
    : [];
  const branch = scale === 1 ? 'x' : `${number(scale)} * x`;
  const { make: made, keys } = containerClass(
    'Residual',
    'Adds its input to what its body makes of it.',
    place,
    {
      init: [
        ...(make ? [`self.projection = ${make}`] : []),
        ...active.members.map((member) => `self.${member.suffix} = ${member.make}`),
      ],
      forward: (body) => [
        `skip = ${make ? 'self.projection(x)' : 'x'}`,
        ...body,
        `return ${active.of(`skip + ${branch}`, (suffix = '') => `self.${suffix}`)}`,
      ],
      reset: draw,
    },
  );
  return {
    members: [{ suffix: '', make: made }],
    forward: ([input], m) => `${m()}(${input})`,
    keys: [
      ...keys,
      ...(projection ? [{ path: 'projection', key: 'projection.weight' }] : []),
      ...active.keys.map(({ path, key }) => ({ path, key: `act.${key}` })),
    ],
    needs: active.needs,
  };
};

/** The stride that leads from one image to the other; nothing where it is 1. */
function pairOfStrides(from: readonly number[], to: readonly number[]): string | undefined {
  const [rows, columns] = [Math.ceil(from[2]! / to[2]!), Math.ceil(from[3]! / to[3]!)];
  return rows === 1 && columns === 1 ? undefined : rows === columns ? String(rows) : `(${rows}, ${columns})`;
}
