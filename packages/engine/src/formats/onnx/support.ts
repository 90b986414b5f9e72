import { foldable, foldableOps } from './fold.js';
import { nodeName } from './graph.js';
import { nodes as recorders } from './nodes/index.js';
import type { NodeProto } from './proto.js';

/** An op that is not supported: where, why, and what to do. */
export interface MissingOp {
  readonly op: string;
  readonly nodes: readonly string[];
  readonly why: string;
  readonly what: string;
}

/** Ops that are handled by the importer itself. */
const own = [
  'Identity',
  'Shape',
  'Size',
  'If',
  'Constant',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Expand',
  'Slice',
  'Split',
];

/** Ops that cannot be differentiated or whose shapes depend on the data, with what can be done about it. */
const reasons: Readonly<Record<string, readonly [why: string, what: string]>> = {
  Loop: [
    'a loop whose length depends on the data',
    'export with a fixed number of steps, so that the loop is written out',
  ],
  Scan: ['a loop over a sequence', 'export with a fixed sequence length, so that the loop is written out'],
  NonMaxSuppression: [
    'picks boxes: the number of outputs depends on the data and nothing can be differentiated',
    'cut the model before its postprocessing (--output NAME)',
  ],
  TopK: ['picks entries by size', 'cut the model before its postprocessing (--output NAME)'],
  QuantizeLinear: ['a quantised model has no gradient', 'export the model in float32'],
  DequantizeLinear: ['a quantised model has no gradient', 'export the model in float32'],
  QLinearConv: ['a quantised model has no gradient', 'export the model in float32'],
  ConvInteger: ['a quantised model has no gradient', 'export the model in float32'],
  MatMulInteger: ['a quantised model has no gradient', 'export the model in float32'],
  DynamicQuantizeLinear: ['a quantised model has no gradient', 'export the model in float32'],
  RandomNormal: ['random numbers without a seed', 'sample outside of the model and pass it in as an input'],
  RandomNormalLike: [
    'random numbers without a seed',
    'sample outside of the model and pass it in as an input',
  ],
  StringNormalizer: ['works on text', 'export the model without its text preprocessing'],
  TfIdfVectorizer: ['works on text', 'export the model without its text preprocessing'],
};

/** The ops of the nodes (and of the graphs within them) that nothing here can do, with the nodes' names. */
export function missingOps(nodes: readonly NodeProto[]): MissingOp[] {
  const found = new Map<string, string[]>();
  const look = (list: readonly NodeProto[]) => {
    for (const node of list) {
      const op = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
      const isKnown = node.domain === '' && isSupported(node.opType);
      if (!isKnown) found.set(op, [...(found.get(op) ?? []), nodeName(node)]);
      for (const { graph } of node.attributes.values()) if (graph && isKnown) look(graph.nodes);
    }
  };
  look(nodes);
  return [...found].map(([op, names]) => {
    const known = Object.hasOwn(reasons, op) ? reasons[op] : undefined;
    const isForeign = op.includes('.');
    const [why, what] =
      known ??
      (isForeign
        ? ['an operator outside of ONNX', 'export with ONNX’s own operators only']
        : ['not supported', 'export the model without it, or with an older operator set that spells it out']);
    return { op, nodes: names, why, what };
  });
}

/** Whether an op of ONNX's own domain can be recorded or folded. */
export function isSupported(op: string): boolean {
  return own.includes(op) || Object.hasOwn(recorders, op) || foldable(op);
}

/** Every op that is supported, in alphabetic order. */
export function supportedOps(): string[] {
  return [...new Set([...own, ...Object.keys(recorders), ...foldableOps])].sort();
}

/** The table as text, one row an op. */
export function showMissing(missing: readonly MissingOp[], name: string): string {
  const rows = missing.map(({ op, nodes, why, what }) => {
    const shown = nodes.slice(0, 3).join(', ') + (nodes.length > 3 ? `, … (${nodes.length} nodes)` : '');
    return `  ${op} at ${shown}: ${why}; ${what}`;
  });
  return `${name || 'the model'} uses ${missing.length === 1 ? 'an operator' : `${missing.length} operators`} that cannot be trained here:\n${rows.join('\n')}`;
}
