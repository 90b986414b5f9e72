import {
  criticalLine,
  nonlinearityOf,
  readActivation,
  resolveSpec,
  shelves,
  trainableDepth,
  type Nonlinearity,
  type RunSpec,
  type Sweep,
} from '@fuga/engine';
import { weightVariance, type AxisMeaning, type ReportAxis } from './axes.js';

/** A line of the theory over two axes, in the axes' own numbers. */
export interface TheoryLine {
  readonly title: string;
  readonly dashed: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What the theory needs to know of a plain network: its activation and the variances that are not swept. */
interface Plain {
  readonly phi: Nonlinearity;
  readonly sw2: number | null;
  readonly sb2: number;
}

/**
 * The theory's lines over two axes, where it has some: the critical line χ = 1 over σ_w² and σ_b² (or at the sweep's
 * σ_b²), and the depth that can be trained, 6 / |ln χ|, over σ_w² and depth. Only for plain stacks of dense layers
 * with one pointwise activation, which is what it is about.
 */
export function theoryLines(sweep: Sweep, x: ReportAxis, y: ReportAxis): TheoryLine[] {
  const plain = plainOf(sweep, [x, y]);
  if (!plain || !x.at || !y.at) return [];
  const pair = `${x.meaning ?? ''}/${y.meaning ?? ''}`;
  const line = criticalLine(plain.phi);
  if (pair === 'weights/biases')
    return [{ title: 'theory: χ = 1', dashed: false, points: line.map(({ sw2, sb2 }) => [sw2, sb2]) }];
  if (pair === 'biases/weights')
    return [{ title: 'theory: χ = 1', dashed: false, points: line.map(({ sw2, sb2 }) => [sb2, sw2]) }];
  if (x.meaning !== 'weights' && y.meaning !== 'weights') return [];
  const flip = y.meaning === 'weights';
  const [weights, other] = flip ? [y, x] : [x, y];
  const lines: TheoryLine[] = [];
  const critical = crossing(line, plain.sb2);
  const place = (sw2: number, value: number): [number, number] => (flip ? [value, sw2] : [sw2, value]);
  if (critical !== null) {
    const ends = [Math.min(...other.at!), Math.max(...other.at!)];
    lines.push({
      title: 'theory: χ = 1',
      dashed: false,
      points: ends.map((value) => place(critical, value)),
    });
  }
  if (other.meaning === 'depth') lines.push(depthLine(plain, weights.at!, place));
  return lines;
}

function depthLine(
  { phi, sb2 }: Plain,
  weights: readonly number[],
  place: (sw2: number, depth: number) => [number, number],
): TheoryLine {
  const [low, high] = [Math.min(...weights), Math.max(...weights)];
  const points: [number, number][] = [];
  for (let i = 0; i <= 80; i++) {
    const sw2 = low + (i / 80) * (high - low);
    const depth = trainableDepth(phi, { sw2, sb2 });
    if (depth !== null && Number.isFinite(depth)) points.push(place(sw2, depth));
  }
  return { title: 'theory: depth that can be trained, 6 / |ln χ|', dashed: true, points };
}

/** σ_w² at which the critical line has this σ_b². */
function crossing(line: ReturnType<typeof criticalLine>, sb2: number): number | null {
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1]!, line[i]!];
    if (a.sb2 > sb2 && i === 1) return a.sw2;
    if (a.sb2 <= sb2 && b.sb2 >= sb2) return a.sw2 + ((sb2 - a.sb2) / (b.sb2 - a.sb2 || 1)) * (b.sw2 - a.sw2);
  }
  return null;
}

function plainOf(sweep: Sweep, swept: readonly ReportAxis[]): Plain | null {
  let spec: RunSpec;
  try {
    const [first] = sweep.trials();
    spec = resolveSpec(first!.input);
  } catch {
    return null;
  }
  // Over an axis of activations there is no one theory.
  if (sweep.paths.some((path) => /(^|\.)(activation|norm|skip|type)(\.|$)/.test(path))) return null;
  const stack = stackOf(spec);
  if (!stack) return null;
  const { activation, options } = readActivation(shelves.activations, stack.activation as string, []);
  const phi = nonlinearityOf(activation, options as Readonly<Record<string, unknown>>);
  if (!phi) return null;
  const is = (meaning: AxisMeaning) => swept.some((axis) => axis.meaning === meaning);
  const bias = stack.bias as { readonly normal?: number } | boolean | string;
  const sb2 = typeof bias === 'object' && bias.normal !== undefined ? bias.normal ** 2 : 0;
  return { phi, sw2: is('weights') ? null : weightVariance(stack.init as string), sb2 };
}

/** Options of the layers of a plain stack, or null where the network is something else. */
function stackOf({
  model,
  network,
}: RunSpec): { readonly activation: unknown; readonly init: unknown; readonly bias: unknown } | null {
  if (model) {
    const { type, norm, skip, activation, init, bias } = model;
    return type === 'mlp' && norm === 'none' && skip === false ? { activation, init, bias } : null;
  }
  const hidden = (network ?? []).slice(0, -1);
  const [first] = hidden;
  if (
    !first ||
    hidden.some(
      ({ type, activation }) =>
        type !== 'dense' || JSON.stringify(activation) !== JSON.stringify(first['activation']),
    )
  )
    return null;
  return { activation: first['activation'], init: first['init'], bias: first['bias'] };
}
