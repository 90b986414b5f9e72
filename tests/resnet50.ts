import { GraphBuilder } from '../packages/engine/src/formats/keras/builder.js';
import type { ModelProto } from '../packages/engine/src/formats/onnx/proto.js';
import { writeModel } from '../packages/engine/src/formats/onnx/write.js';
import { Lcg } from './nets.js';

/** ResNet-50 (He et al. 2015, table 1), as an exporter would write it, with weights drawn as by He. */
export function resnet50(): Uint8Array {
  const draw = new Lcg(1);
  const graph = new GraphBuilder(null);
  const conv = (x: string, name: string, from: number, to: number, k: number, stride: number): string => {
    const w = graph.weight(name, 'weight', [to, from, k, k], (data) => ({
      data: data.map(() => draw.uniform(-1, 1) * Math.sqrt(6 / (from * k * k))),
      shape: [to, from, k, k],
    }));
    const p = (k - 1) / 2;
    return graph.node(
      'Conv',
      [x, w],
      { kernel_shape: [k, k], strides: [stride, stride], pads: [p, p, p, p] },
      name,
    );
  };
  const norm = (x: string, name: string, C: number): string => {
    const one = (part: string, value: number) =>
      graph.weight(name, part, [C], (data) => ({ data: data.fill(value), shape: [C] }));
    const inputs = [x, one('weight', 1), one('bias', 0), one('running_mean', 0), one('running_var', 1)];
    return graph.node('BatchNormalization', inputs, { epsilon: 1e-5, training_mode: 1 }, name);
  };
  let x = graph.node('Relu', [norm(conv('x', 'conv1', 3, 64, 7, 2), 'bn1', 64)], {}, 'relu1');
  x = graph.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, 'pool1');
  let from = 64;
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const width = 64 * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const at = `layer${stage + 1}.${block}`;
      const input = x;
      const a = graph.node(
        'Relu',
        [norm(conv(input, `${at}.conv1`, from, width, 1, 1), `${at}.bn1`, width)],
        {},
        `${at}.relu1`,
      );
      const b = graph.node(
        'Relu',
        [norm(conv(a, `${at}.conv2`, width, width, 3, stride), `${at}.bn2`, width)],
        {},
        `${at}.relu2`,
      );
      const c = norm(conv(b, `${at}.conv3`, width, 4 * width, 1, 1), `${at}.bn3`, 4 * width);
      const skip =
        block === 0
          ? norm(conv(input, `${at}.down`, from, 4 * width, 1, stride), `${at}.downbn`, 4 * width)
          : input;
      x = graph.node('Relu', [graph.node('Add', [c, skip], {}, `${at}.add`)], {}, `${at}.relu3`);
      from = 4 * width;
    }
  });
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [x], {}, 'gap')], { axis: 1 });
  const w = graph.weight('fc', 'weight', [1000, 2048], (data) => ({
    data: data.map(() => draw.uniform(-0.02, 0.02)),
    shape: [1000, 2048],
  }));
  const y = graph.node('Gemm', [pooled, w, graph.weight('fc', 'bias', [1000])], { transB: 1 }, 'fc');
  const model: ModelProto = {
    irVersion: 8,
    producer: 'test',
    opsets: new Map([['', 17]]),
    graph: {
      name: 'resnet50',
      nodes: graph.nodes,
      initializers: graph.initializers,
      inputs: [{ name: 'x', elementType: 1, dims: ['N', 3, 64, 64] }],
      outputs: [{ name: y, elementType: 1, dims: ['N', 1000] }],
      sparse: 0,
    },
    functions: [],
  };
  return writeModel(model);
}
