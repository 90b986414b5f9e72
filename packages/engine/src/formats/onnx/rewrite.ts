import type { ExternalFiles } from './constant.js';
import { nodeName } from './graph.js';
import { Links } from './links.js';
import type { AttributeProto, GraphProto, NodeProto } from './proto.js';

/** Domain of the nodes that this file puts in place of several. */
export const MERGED = 'fuga';

/** Nodes that count as one: what they are merged into, and which they were. */
interface Merge {
  readonly opType: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string>>;
  /** The last one makes the output. */
  readonly nodes: readonly NodeProto[];
}

/** Nodes in order, exporters' patterns merged; `merged` says which nodes each of the new ones stands for. */
export interface Rewritten {
  readonly nodes: readonly NodeProto[];
  readonly merged: ReadonlyMap<NodeProto, readonly NodeProto[]>;
  readonly attentions: readonly Attention[];
}

/** Scores, softmax and the weighted sum of one attention: sites of their own within one site. */
export interface Attention {
  readonly first: NodeProto;
  readonly softmax: NodeProto;
  readonly last: NodeProto;
}

/**
 * Finds what exporters spell out in several nodes: GELU by erf, SiLU, hard swish, layer norm, RMS norm, a product
 * with its bias; and which products and softmaxes are one attention.
 */
export function rewrite(graph: GraphProto, nodes: readonly NodeProto[], files: ExternalFiles): Rewritten {
  const links = new Links(graph, nodes, files);
  const taken = new Set<NodeProto>();
  const at = new Map<NodeProto, NodeProto>();
  const merged = new Map<NodeProto, readonly NodeProto[]>();
  for (const node of nodes) {
    for (const find of finders) {
      const found = find(node, links);
      if (!found || found.nodes.some((part) => taken.has(part))) continue;
      const last = found.nodes.at(-1)!;
      for (const part of found.nodes) taken.add(part);
      const made: NodeProto = {
        name: nodeName(last),
        opType: found.opType,
        domain: found.domain ?? '',
        inputs: [...found.inputs],
        outputs: [...last.outputs],
        attributes: new Map(
          Object.entries(found.attributes ?? {}).map(([name, value]) => [name, attribute(name, value)]),
        ),
      };
      at.set(last, made);
      merged.set(made, found.nodes);
      break;
    }
  }
  const kept = nodes.flatMap((node) => {
    const made = at.get(node);
    if (made) return [made];
    return taken.has(node) ? [] : [node];
  });
  return { nodes: kept, merged, attentions: findAttentions(kept, graph, files) };
}

export function attribute(name: string, value: number | string): AttributeProto {
  const isText = typeof value === 'string';
  return {
    name,
    float: isText ? 0 : value,
    int: isText ? 0 : value,
    bytes: isText ? new TextEncoder().encode(value) : null,
    tensor: null,
    graph: null,
    floats: [],
    ints: [],
    strings: [],
    type: 0,
    reference: '',
  };
}

type Finder = (node: NodeProto, links: Links) => Merge | null;

/** x Φ(x) = x/2 (1 + erf(x / √2)), in the orders that exporters write it. */
const gelu: Finder = (erf, links) => {
  if (erf.opType !== 'Erf' || erf.domain !== '') return null;
  const scaled = links.made(erf.inputs[0], 'Div', 'Mul');
  if (!scaled || !links.isInner(scaled)) return null;
  const [a, b] = scaled.inputs as [string, string];
  const isDivided = scaled.opType === 'Div' && links.isScalar(b, Math.SQRT2);
  const factor =
    scaled.opType === 'Mul'
      ? links.isScalar(b, Math.SQRT1_2)
        ? a
        : links.isScalar(a, Math.SQRT1_2)
          ? b
          : null
      : null;
  const x = isDivided ? a : factor;
  const plusOne = links.next(erf, 'Add');
  if (!x || !plusOne || !links.isScalar(links.other(plusOne, erf.outputs[0]!), 1)) return null;
  const product = links.next(plusOne, 'Mul');
  if (!product) return null;
  const with_ = links.other(product, plusOne.outputs[0]!);
  const nodes = [scaled, erf, plusOne];
  if (with_ === x) {
    const half = links.next(product, 'Mul');
    if (half && links.isScalar(links.other(half, product.outputs[0]!), 0.5))
      return { opType: 'Gelu', inputs: [x], nodes: [...nodes, product, half] };
    return null;
  }
  const halved = links.made(with_, 'Mul');
  if (
    halved &&
    links.isInner(halved) &&
    halved.inputs.includes(x) &&
    links.isScalar(links.other(halved, x), 0.5)
  ) {
    return { opType: 'Gelu', inputs: [x], nodes: [...nodes, halved, product] };
  }
  if (links.isScalar(with_, 0.5)) {
    const last = links.next(product, 'Mul');
    if (last && links.other(last, product.outputs[0]!) === x)
      return { opType: 'Gelu', inputs: [x], nodes: [...nodes, product, last] };
  }
  return null;
};

/** x · f(x) for the gates f that make an activation of their own. */
const gated: Finder = (gate, links) => {
  const names: Readonly<Record<string, string>> = { Sigmoid: 'Silu', HardSigmoid: 'HardSwish' };
  if (gate.domain !== '' || !Object.hasOwn(names, gate.opType)) return null;
  const product = links.next(gate, 'Mul');
  const [x] = gate.inputs as [string];
  if (!product || links.other(product, gate.outputs[0]!) !== x) return null;
  if (gate.opType === 'HardSigmoid') {
    const alpha = gate.attributes.get('alpha')?.float ?? 0.2;
    if (Math.abs(alpha - 1 / 6) > 1e-5) return null;
    return { opType: 'HardSwish', inputs: [x], nodes: [gate, product] };
  }
  return { opType: 'Silu', domain: MERGED, inputs: [x], nodes: [gate, product] };
};

/** x · tanh(softplus(x)). */
const mish: Finder = (node, links) => {
  if (node.opType !== 'Softplus' || node.domain !== '') return null;
  const tanh = links.next(node, 'Tanh');
  const product = tanh && links.next(tanh, 'Mul');
  if (!tanh || !product || links.other(product, tanh.outputs[0]!) !== node.inputs[0]) return null;
  return { opType: 'Mish', inputs: [node.inputs[0]!], nodes: [node, tanh, product] };
};

/** x · min(max(x + 3, 0), 6) / 6, and the same without the x in front. */
const hardSwish: Finder = (clip, links) => {
  if (clip.opType !== 'Clip' || clip.domain !== '') return null;
  const [low, high] = clip.attributes.has('max')
    ? [clip.attributes.get('min')?.float ?? null, clip.attributes.get('max')!.float]
    : [links.scalar(clip.inputs[1]), links.scalar(clip.inputs[2])];
  if (low !== 0 || high !== 6) return null;
  const shifted = links.made(clip.inputs[0], 'Add');
  if (!shifted || !links.isInner(shifted)) return null;
  const x = links.isScalar(shifted.inputs[1], 3)
    ? shifted.inputs[0]!
    : links.isScalar(shifted.inputs[0], 3)
      ? shifted.inputs[1]!
      : null;
  if (!x) return null;
  const isSixth = (node: NodeProto, from: string) =>
    node.opType === 'Div'
      ? node.inputs[0] === from && links.isScalar(node.inputs[1], 6)
      : links.isScalar(links.other(node, from), 1 / 6);
  const first = links.next(clip, 'Mul', 'Div');
  if (!first) return null;
  if (first.opType === 'Mul' && links.other(first, clip.outputs[0]!) === x) {
    const sixth = links.next(first, 'Mul', 'Div');
    return sixth && isSixth(sixth, first.outputs[0]!)
      ? { opType: 'HardSwish', inputs: [x], nodes: [shifted, clip, first, sixth] }
      : null;
  }
  if (!isSixth(first, clip.outputs[0]!)) return null;
  const product = links.next(first, 'Mul');
  if (product && links.other(product, first.outputs[0]!) === x)
    return { opType: 'HardSwish', inputs: [x], nodes: [shifted, clip, first, product] };
  return {
    opType: 'HardSigmoid',
    inputs: [x],
    attributes: { alpha: 1 / 6, beta: 0.5 },
    nodes: [shifted, clip, first],
  };
};

/** Axes of a ReduceMean, where they are the last ones, counted from the end; else null. */
function lastAxes(node: NodeProto, links: Links): number | null {
  const given = node.attributes.get('axes')?.ints ?? null;
  const axes = given ?? (links.scalar(node.inputs[1]) === null ? null : [links.scalar(node.inputs[1])!]);
  if (!axes || (node.attributes.get('keepdims')?.int ?? 1) === 0) return null;
  const sorted = [...axes].sort((a, b) => a - b);
  return sorted.every((axis, i) => axis === i - sorted.length) ? sorted.length : null;
}

/** (x − mean) / √(mean((x − mean)²) + eps) · w + b, w and b where they follow. */
const layerNorm: Finder = (root, links) => {
  if (root.opType !== 'Sqrt' || root.domain !== '') return null;
  const shifted = links.made(root.inputs[0], 'Add');
  const variance =
    shifted && (links.made(shifted.inputs[0], 'ReduceMean') ?? links.made(shifted.inputs[1], 'ReduceMean'));
  if (!shifted || !variance) return null;
  const eps = links.scalar(links.other(shifted, variance.outputs[0]!));
  const axes = lastAxes(variance, links);
  const squared = links.made(variance.inputs[0], 'Pow', 'Mul');
  if (eps === null || axes === null || !squared) return null;
  const from = squared.inputs[0]!;
  if (squared.opType === 'Pow' ? !links.isScalar(squared.inputs[1], 2) : squared.inputs[1] !== from)
    return null;
  const division = links.next(root, 'Div');
  if (!division || division.inputs[1] !== root.outputs[0]) return null;
  const inner = [squared, variance, shifted, root];
  if (![squared, variance, shifted, root].every((node) => links.isInner(node))) return null;
  const centred = links.made(from, 'Sub');
  const top = division.inputs[0];
  const again = top === from ? centred : links.made(top, 'Sub');
  if (centred && again) {
    const mean = links.made(centred.inputs[1], 'ReduceMean');
    const x = centred.inputs[0]!;
    if (!mean || mean.inputs[0] !== x || lastAxes(mean, links) !== axes) return null;
    if (again.inputs[0] !== x || again.inputs[1] !== centred.inputs[1]) return null;
    const readers = squared.opType === 'Mul' ? 2 : 1;
    const shared = again === centred;
    if (
      shared
        ? !links.isInner(centred, readers + 1)
        : !links.isInner(centred, readers) || !links.isInner(again)
    )
      return null;
    if (!links.isInner(mean, shared ? 1 : 2)) return null;
    return affinePart(
      [mean, ...(shared ? [centred] : [centred, again]), ...inner, division],
      x,
      axes,
      eps,
      links,
    );
  }
  return top === from ? rmsPart([...inner, division], from, axes, eps, links) : null;
};

/** The scale and shift behind a norm, where they are parameters and both there. */
function affinePart(
  nodes: readonly NodeProto[],
  x: string,
  axes: number,
  eps: number,
  links: Links,
): Merge | null {
  const attributes = { epsilon: eps, axis: -axes };
  const division = nodes.at(-1)!;
  const scale = links.next(division, 'Mul');
  const w = scale && links.other(scale, division.outputs[0]!);
  const shift = scale && w && links.initializers.has(w) ? links.next(scale, 'Add') : null;
  const b = shift && links.other(shift, scale!.outputs[0]!);
  if (scale && shift && w && b && links.initializers.has(b)) {
    return { opType: 'LayerNormalization', inputs: [x, w, b], attributes, nodes: [...nodes, scale, shift] };
  }
  return { opType: 'PlainLayerNorm', domain: MERGED, inputs: [x], attributes, nodes };
}

function rmsPart(nodes: readonly NodeProto[], x: string, axes: number, eps: number, links: Links): Merge {
  const attributes = { epsilon: eps, axis: -axes };
  const division = nodes.at(-1)!;
  const scale = links.next(division, 'Mul');
  const w = scale && links.other(scale, division.outputs[0]!);
  if (scale && w && links.initializers.has(w))
    return { opType: 'RmsNorm', domain: MERGED, inputs: [x, w], attributes, nodes: [...nodes, scale] };
  return { opType: 'RmsNorm', domain: MERGED, inputs: [x], attributes, nodes };
}

/** x Wᵀ + b as TorchScript writes a linear layer on sequences: Transpose of W, MatMul, Add. */
const dense: Finder = (node, links) => {
  if (node.opType !== 'MatMul' || node.domain !== '') return null;
  const [x, right] = node.inputs as [string, string];
  const turned = links.made(right, 'Transpose');
  const isTurned =
    turned !== null &&
    links.initializers.has(turned.inputs[0]!) &&
    turned.attributes.get('perm')?.ints.join() === '1,0';
  const w = isTurned ? turned.inputs[0]! : right;
  if (!links.initializers.has(w) || links.initializers.has(x)) return null;
  const sum = links.next(node, 'Add');
  const b = sum && links.other(sum, node.outputs[0]!);
  const hasBias = sum !== null && b !== undefined && b !== null && links.initializers.has(b);
  if (!isTurned && !hasBias) return null;
  const own = isTurned && links.isInner(turned) ? [turned] : [];
  return {
    opType: 'Dense',
    domain: MERGED,
    inputs: hasBias ? [x, w, b] : [x, w],
    attributes: { turned: isTurned ? 1 : 0 },
    nodes: hasBias ? [...own, node, sum] : [...own, node],
  };
};

const finders: readonly Finder[] = [gelu, gated, mish, hardSwish, layerNorm, dense];

/** Softmax between two products of data: what is scaled or masked in between belongs to it. */
function findAttentions(nodes: readonly NodeProto[], graph: GraphProto, files: ExternalFiles): Attention[] {
  const links = new Links(graph, nodes, files);
  return nodes.flatMap((softmax) => {
    if (softmax.opType !== 'Softmax' || softmax.domain !== '') return [];
    const last = links.readers
      .get(softmax.outputs[0]!)
      ?.find((node) => node.opType === 'MatMul' && node.inputs[0] === softmax.outputs[0]);
    let name = softmax.inputs[0];
    for (let i = 0; i < 4; i++) {
      const before = links.made(name, 'Add', 'Mul', 'Div', 'Where', 'Cast');
      if (!before) break;
      name = before.inputs.find(
        (input) =>
          links.maker.has(input) && links.made(input, 'MatMul', 'Add', 'Mul', 'Div', 'Where', 'Cast'),
      );
    }
    const first = links.made(name, 'MatMul');
    return first && last ? [{ first, softmax, last }] : [];
  });
}
