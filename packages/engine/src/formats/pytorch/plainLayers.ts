import { readActivation, type ActivationSpec } from '../../activations/activation.js';
import * as activations from '../../activations/index.js';
import type { LayerSpec } from '../../core/layer.js';
import type { Shape } from '../../core/shape.js';
import type { InitSpec } from '../../inits/init.js';
import { growth } from '../../layers/convTranspose2d.js';
import { both, type Padding, type Pair } from '../../layers/window.js';
import { expressions } from './activations.js';
import { initLines, initNeeds } from './inits.js';
import { call, number, pairOf, tuple } from './python.js';
import type { LayerPlace, Member, StateKey, Unit } from './unit.js';

/** Writes a layer; its options are complete. */
export type WriteLayer = (options: LayerSpec, place: LayerPlace) => Unit;

/** An activation behind a layer: a function of the output, and the module of its weight where it has one. */
interface Active {
  readonly members: readonly Member[];
  readonly of: (x: string, m: (suffix?: string) => string) => string;
  readonly keys: readonly (StateKey & { readonly suffix?: string })[];
  readonly needs: readonly string[];
}

/** The activation `spec` on features of `shape`; `suffix` names the module of a prelu. */
export function activeBy(spec: ActivationSpec, shape: Shape, suffix = '_act'): Active {
  const { activation, options } = readActivation(activations, spec);
  const { id } = activation;
  const axis = shape.length === 4 ? 1 : -1;
  if (id === 'identity') return { members: [], of: (x) => x, keys: [], needs: [] };
  if (id === 'prelu') {
    const { slope, perChannel } = options as { slope: number; perChannel: boolean };
    const features = perChannel ? shape.at(axis)! : 1;
    const own = perChannel && shape.length === 3; // PyTorch's would take axis 1
    const make = own
      ? `PReLU(${features}, ${number(slope)})`
      : `nn.PReLU(${features}, init=${number(slope)})`;
    return {
      members: [{ suffix, make }],
      of: (x, m) => `${m(suffix)}(${x})`,
      keys: [{ path: 'slope', key: 'weight', suffix }],
      needs: own ? ['PReLU'] : [],
    };
  }
  const expression = expressions[id]!;
  return {
    members: [],
    of: (x) => expression(x, options, axis),
    keys: [],
    needs: id === 'swiglu' ? ['swiglu'] : [],
  };
}

/** What dense and the convolutions share: a weight, a bias, an activation. */
export function weighted(
  options: LayerSpec,
  place: LayerPlace,
  make: string,
  apply: (x: string, m: string) => string,
  activeShape: Shape,
  weightShape?: Shape,
): Unit {
  const init = options['init'] as InitSpec;
  const bias = options['bias'] as boolean | InitSpec;
  const active = activeBy(options['activation'] as ActivationSpec, activeShape);
  const target = (name: string, m: string) => ({
    weight: `${m}.${name}`,
    parameter: place.parameters.get(name)!,
    path: name,
    branching: place.branching,
    module: name === 'weight' ? m : null,
  });
  return {
    members: [{ suffix: '', make }, ...active.members],
    forward: ([x], m) => active.of(apply(x!, m()), m),
    reset: (m) => [
      ...initLines(init, target('weight', m())),
      ...(bias === false
        ? []
        : bias === true
          ? [`nn.init.zeros_(${m()}.bias)`]
          : initLines(bias, target('bias', m()))),
    ],
    keys: [
      { path: 'weight', key: 'weight', ...(weightShape ? { shape: weightShape } : {}) },
      ...(bias === false ? [] : [{ path: 'bias', key: 'bias' }]),
      ...active.keys,
    ],
    needs: [...active.needs, ...initNeeds(init), ...(typeof bias === 'boolean' ? [] : initNeeds(bias))],
  };
}

export const dense: WriteLayer = (options, place) => {
  const [x] = place.inputs as [Shape];
  const [out, into] = place.parameters.get('weight')!.shape as [number, number];
  const make = call('nn.Linear', [into, out], options['bias'] === false ? { bias: false } : {});
  return weighted(
    options,
    place,
    make,
    (value, m) => `${m}(${x.length === 4 ? `${value}.flatten(1)` : value})`,
    place.output,
  );
};

/** Padding before and after an axis. */
function padsOf(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: 'same' | 'valid' | number,
) {
  if (padding === 'valid') return [0, 0] as const;
  if (padding !== 'same') return [padding, padding] as const;
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1 - size);
  return [Math.floor(total / 2), total - Math.floor(total / 2)] as const;
}

export const conv2d: WriteLayer = (options, place) => {
  const [[, C, H, W]] = place.inputs as unknown as [[number, number, number, number]];
  const { kernel, stride, dilation, groups, out } = options as unknown as Record<
    'kernel' | 'stride' | 'dilation',
    Pair
  > & {
    groups: number;
    out: number;
  };
  const padding = options['padding'] as Padding;
  const [PH, PW] = padding === 'same' || padding === 'valid' ? [padding, padding] : both(padding);
  const axis = (size: number, i: 0 | 1, pad: 'same' | 'valid' | number) =>
    padsOf(size, both(kernel)[i], both(stride)[i], both(dilation)[i], pad);
  const [rows, columns] = [axis(H, 0, PH), axis(W, 1, PW)];
  const isEven = rows[0] === rows[1] && columns[0] === columns[1];
  const make = call('nn.Conv2d', [C, out, pairOf(both(kernel))], {
    stride: shown(pairOf(both(stride)), '1'),
    padding: isEven ? shown(pairOf([rows[0], columns[0]]), '0') : undefined,
    dilation: shown(pairOf(both(dilation)), '1'),
    groups: groups === 1 ? undefined : groups,
    bias: options['bias'] === false ? false : undefined,
  });
  const pads = `(${[...columns, ...rows].join(', ')})`;
  const apply = (x: string, m: string) => `${m}(${isEven ? x : `F.pad(${x}, ${pads})`})`;
  return weighted(options, place, make, apply, place.output);
};

export const conv1d: WriteLayer = (options, place) => {
  const [[, C, L]] = place.inputs as unknown as [[number, number, number]];
  const { kernel, stride, dilation, groups, out } = options as unknown as Record<
    'kernel' | 'stride' | 'dilation' | 'groups' | 'out',
    number
  >;
  const [before, after] = padsOf(
    L,
    kernel,
    stride,
    dilation,
    options['padding'] as 'same' | 'valid' | number,
  );
  const make = call('nn.Conv1d', [C, out, kernel], {
    stride: stride === 1 ? undefined : stride,
    padding: before === after && before > 0 ? before : undefined,
    dilation: dilation === 1 ? undefined : dilation,
    groups: groups === 1 ? undefined : groups,
    bias: options['bias'] === false ? false : undefined,
  });
  const apply = (x: string, m: string) =>
    `${m}(${before === after ? x : `F.pad(${x}, (${before}, ${after}))`})`;
  return weighted(options, place, make, apply, place.output, [out, C / groups, kernel]);
};

export const convTranspose2d: WriteLayer = (options, place) => {
  const [[, C, H, W]] = place.inputs as unknown as [[number, number, number, number]];
  const { kernel, stride, dilation, outputPadding } = options as unknown as Record<
    'kernel' | 'stride' | 'dilation' | 'outputPadding',
    Pair
  >;
  const { groups = 1, out } = options as unknown as { groups?: number; out: number };
  const padding = options['padding'] as Padding;
  const paddings = padding === 'same' || padding === 'valid' ? ([padding, padding] as const) : both(padding);
  const axis = (size: number, i: 0 | 1) => {
    const [k, s, d] = [both(kernel)[i], both(stride)[i], both(dilation ?? 1)[i]];
    const { walk, size: grown } = growth(size, k, s, d, paddings[i], both(outputPadding ?? 0)[i]);
    // What PyTorch's formula lacks of the size (its output_padding), or has too much of it (cut off).
    const missing = grown - ((size - 1) * s + d * (k - 1) + 1 - 2 * walk.before);
    return { before: walk.before, extra: Math.max(0, missing), cut: missing < 0, grown };
  };
  const [rows, columns] = [axis(H, 0), axis(W, 1)];
  const make = call('nn.ConvTranspose2d', [C, out, pairOf(both(kernel))], {
    stride: shown(pairOf(both(stride)), '1'),
    padding: shown(pairOf([rows.before, columns.before]), '0'),
    output_padding: shown(pairOf([rows.extra, columns.extra]), '0'),
    groups: groups === 1 ? undefined : groups,
    bias: options['bias'] === false ? false : undefined,
    dilation: shown(pairOf(both(dilation ?? 1)), '1'),
  });
  const cut = rows.cut || columns.cut ? `[:, :, :${rows.grown}, :${columns.grown}]` : '';
  return weighted(options, place, make, (x, m) => `${m}(${x})${cut}`, place.output);
};

function shown(text: string, unless: string): string | undefined {
  return text === unless ? undefined : text;
}

/** A module without weights, or an expression. */
const pure = (expression: (x: string) => string, needs: readonly string[] = []): Unit => ({
  members: [],
  forward: ([x]) => expression(x!),
  needs,
});

const pool =
  (name: string): WriteLayer =>
  (options) => {
    const { kernel, stride, padding, dilation } = options as unknown as Record<
      'kernel' | 'stride' | 'padding' | 'dilation',
      Pair | undefined
    >;
    const make = call(name, [pairOf(both(kernel!))], {
      stride: shown(pairOf(both(stride!)), pairOf(both(kernel!))),
      padding: shown(pairOf(both(padding ?? 0)), '0'),
      dilation: shown(pairOf(both(dilation ?? 1)), '1'),
    });
    return { members: [{ suffix: '', make }], forward: ([x], m) => `${m()}(${x})` };
  };

export const maxPool2d = pool('nn.MaxPool2d');
export const avgPool2d = pool('nn.AvgPool2d');
export const globalAvgPool2d: WriteLayer = () => pure((x) => `${x}.mean((2, 3))`);
export const globalAvgPool1d: WriteLayer = () => pure((x) => `${x}.mean(1)`);
export const flatten: WriteLayer = () => pure((x) => `${x}.flatten(1)`);
export const reshape: WriteLayer = (_, { output }) =>
  pure((x) => `${x}.reshape(-1, ${output.slice(1).join(', ')})`);
export const upsample: WriteLayer = (options) => {
  const scale = pairOf(both(options['scale'] as Pair));
  const mode = options['mode'] as string;
  const corners = mode === 'nearest' ? '' : ', align_corners=False';
  return pure((x) => `F.interpolate(${x}, scale_factor=${scale}, mode='${mode}'${corners})`);
};
export const dropout: WriteLayer = (options) => ({
  members: [{ suffix: '', make: `nn.Dropout(${number(options['rate'] as number)})` }],
  forward: ([x], m) => `${m()}(${x})`,
});
export const concat: WriteLayer = (options, { inputs }) => ({
  members: [],
  forward: (x) =>
    `torch.cat([${x.join(', ')}], ${(options['axis'] as number | undefined) ?? (inputs[0]!.length === 3 ? 2 : 1)})`,
});
export const add: WriteLayer = () => ({ members: [], forward: (x) => x.join(' + ') });
export const multiply: WriteLayer = () => ({ members: [], forward: (x) => x.join(' * ') });
export const activation: WriteLayer = (options, { output, inputs }) => {
  const active = activeBy(options['fn'] as ActivationSpec, inputs[0] ?? output, '');
  return {
    members: active.members,
    forward: ([x], m) => active.of(x!, m),
    keys: active.keys,
    needs: active.needs,
  };
};

/** A norm: a module with weight and bias, and the places of its running statistics. */
const norm = (
  make: string,
  affine: boolean,
  states: readonly StateKey[] = [],
  needs: readonly string[] = [],
): Unit => ({
  members: [{ suffix: '', make }],
  forward: ([x], m) => `${m()}(${x})`,
  keys: [
    ...(affine ? [{ path: 'weight', key: 'weight' }] : []),
    ...(affine && !needs.includes('RMSNorm') ? [{ path: 'bias', key: 'bias' }] : []),
    ...states,
  ],
  needs,
});

const isAffine = (options: LayerSpec): boolean => options['affine'] !== false;

export const batchNorm: WriteLayer = (options, { inputs: [x] }) => {
  const make = call(x!.length === 4 ? 'nn.BatchNorm2d' : 'nn.BatchNorm1d', [x![1]!], {
    eps: shown(number(options['eps'] as number), '0.00001'),
    momentum: shown(number(options['momentum'] as number), '0.1'),
    affine: isAffine(options) ? undefined : false,
  });
  return norm(make, isAffine(options), [
    { path: 'mean', key: 'running_mean' },
    { path: 'variance', key: 'running_var' },
  ]);
};

/** The axes of one sample's features: an image as a whole, else the last. */
const features = (x: Shape): Shape => (x.length === 4 ? x.slice(1) : x.slice(-1));

export const layerNorm: WriteLayer = (options, { inputs: [x] }) => {
  const make = call('nn.LayerNorm', [tuple(features(x!))], {
    eps: shown(number(options['eps'] as number), '0.00001'),
    elementwise_affine: isAffine(options) ? undefined : false,
  });
  return norm(make, isAffine(options));
};

export const rmsNorm: WriteLayer = (options, { inputs: [x] }) => {
  const make = call('RMSNorm', [tuple(features(x!))], {
    eps: number(options['eps'] as number),
    affine: isAffine(options),
  });
  return norm(make, isAffine(options), [], ['RMSNorm']);
};

export const groupNorm: WriteLayer = (options, { inputs: [x] }) => {
  const make = call('nn.GroupNorm', [options['groups'] as number, x![1]!], {
    eps: shown(number(options['eps'] as number), '0.00001'),
    affine: isAffine(options) ? undefined : false,
  });
  return norm(make, isAffine(options));
};

export const instanceNorm: WriteLayer = (options, place) =>
  groupNorm({ ...options, groups: place.inputs[0]![1]! }, place);

export const l2Norm: WriteLayer = (options) =>
  pure((x) => `F.normalize(${x}, dim=-1, eps=${number(options['eps'] as number)})`);

export const embedding: WriteLayer = (options, place) => {
  const { vocab, out, padding } = options as unknown as { vocab: number; out: number; padding?: number };
  const init = options['init'] as InitSpec;
  return {
    members: [{ suffix: '', make: call('nn.Embedding', [vocab, out], { padding_idx: padding }) }],
    forward: ([x], m) => `${m()}(${x})`,
    reset: (m) =>
      initLines(init, {
        weight: `${m()}.weight`,
        parameter: place.parameters.get('weight')!,
        path: 'weight',
        branching: place.branching,
        module: null,
      }),
    keys: [{ path: 'weight', key: 'weight' }],
    needs: initNeeds(init),
  };
};

export const positional: WriteLayer = (options, place) => {
  const [, T, D] = place.inputs[0] as unknown as [number, number, number];
  const isLearned = options['kind'] === 'learned';
  const init = options['init'] as InitSpec;
  return {
    members: [{ suffix: '', make: call('Positional', [T, D], { learned: isLearned }) }],
    forward: ([x], m) => `${m()}(${x})`,
    reset: (m) =>
      isLearned
        ? initLines(init, {
            weight: `${m()}.weight`,
            parameter: place.parameters.get('weight')!,
            path: 'weight',
            branching: place.branching,
            module: null,
          })
        : [],
    keys: [{ path: isLearned ? 'weight' : 'table', key: 'weight' }],
    needs: ['Positional', ...(isLearned ? initNeeds(init) : [])],
  };
};
