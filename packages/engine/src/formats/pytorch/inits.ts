import { readInit, type InitSpec } from '../../inits/init.js';
import * as inits from '../../inits/index.js';
import { number } from './python.js';
import type { Branching, UnitParameter } from './unit.js';

/** What an init is written for. */
interface Target {
  /** The weight's expression. */
  readonly weight: string;
  readonly parameter: UnitParameter;
  /** Its path within the layer, for inits that look at the network as a whole. */
  readonly path: string;
  readonly branching: Branching;
  /** The module that owns it, where it can be rescaled by its output; null for parts of a larger cell. */
  readonly module: string | null;
}

type Write = (target: Target, value: number) => string[];

/** A normal draw of the standard deviation that the shelf's init has for these fans. */
const byStd =
  (id: string, factor = 1): Write =>
  ({ weight, parameter }, value) => {
    const std = inits[id as keyof typeof inits].std(parameter, value);
    return [`nn.init.normal_(${weight}, 0, ${number(factor * (std ?? 0))})`];
  };

/** A uniform draw with that standard deviation. */
const byBound =
  (id: string): Write =>
  ({ weight, parameter }, value) => {
    const bound = Math.sqrt(3) * (inits[id as keyof typeof inits].std(parameter, value) ?? 0);
    return [`nn.init.uniform_(${weight}, ${number(-bound)}, ${number(bound)})`];
  };

/** PyTorch's own function where it would count the same fans, else the numbers. */
function named(
  fans: 'in' | 'both',
  line: (weight: string, gain: string) => string | null,
  otherwise: Write,
): Write {
  return (target, value) => {
    const [out = 1, into = 1, ...kernel] = target.parameter.shape;
    const taps = kernel.reduce((product, size) => product * size, 1);
    const agrees =
      target.parameter.fanIn === into * taps && (fans === 'in' || target.parameter.fanOut === out * taps);
    const written = agrees ? line(target.weight, value === 1 ? '' : number(value)) : null;
    return written === null ? otherwise(target, value) : [written];
  };
}

const kaiming =
  (kind: 'normal' | 'uniform', nonlinearity: 'relu' | 'linear') => (weight: string, gain: string) =>
    gain === '' ? `nn.init.kaiming_${kind}_(${weight}, nonlinearity='${nonlinearity}')` : null;

const xavier = (kind: 'normal' | 'uniform') => (weight: string, gain: string) =>
  `nn.init.xavier_${kind}_(${weight}${gain === '' ? '' : `, gain=${gain}`})`;

/** Every init of the shelf, by id. */
export const writers: Readonly<Record<string, Write>> = {
  constant: ({ weight }, value) => [`nn.init.constant_(${weight}, ${number(value)})`],
  zeros: ({ weight }) => [`nn.init.zeros_(${weight})`],
  normal: ({ weight }, value) => [`nn.init.normal_(${weight}, 0, ${number(value)})`],
  uniform: ({ weight }, value) => [`nn.init.uniform_(${weight}, ${number(-value)}, ${number(value)})`],
  xavierUniform: named('both', xavier('uniform'), byBound('xavierUniform')),
  xavierNormal: named('both', xavier('normal'), byStd('xavierNormal')),
  heUniform: named('in', kaiming('uniform', 'relu'), byBound('heUniform')),
  heNormal: named('in', kaiming('normal', 'relu'), byStd('heNormal')),
  lecunUniform: named('in', kaiming('uniform', 'linear'), byBound('lecunUniform')),
  lecunNormal: named('in', kaiming('normal', 'linear'), byStd('lecunNormal')),
  orthogonal: ({ weight }, value) => [
    `nn.init.orthogonal_(${weight}${value === 1 ? '' : `, gain=${number(value)}`})`,
  ],
  deltaOrthogonal: ({ weight }, value) => [
    `delta_orthogonal_(${weight}${value === 1 ? '' : `, ${number(value)}`})`,
  ],
  lsuv: ({ weight, module }, value) => [
    `nn.init.orthogonal_(${weight})`,
    ...(module === null ? [] : [`${module}.lsuv_gain = ${number(value)}  # see lsuv_`]),
  ],
  fixup: (target, value) => {
    const { branches, of } = target.branching;
    const { branch, isLast } = of(target.path);
    const closes = branch ? branch.index === branch.weights - 1 : isLast && branches > 0;
    if (closes) return [`nn.init.zeros_(${target.weight})`];
    return byStd('heNormal', branch ? branches ** (-1 / (2 * branch.weights - 2)) : 1)(target, value);
  },
};

/** Statements that draw a weight by a spec's init. */
export function initLines(spec: InitSpec, target: Target): string[] {
  const { init, value } = readInit(inits, spec);
  return writers[init.id]!(target, value);
}

/** Support pieces that an init's lines use. */
export function initNeeds(spec: InitSpec): string[] {
  const { init } = readInit(inits, spec);
  return init.id === 'deltaOrthogonal' ? ['delta_orthogonal_'] : init.id === 'lsuv' ? ['lsuv_'] : [];
}
