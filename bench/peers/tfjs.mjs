// TensorFlow.js, its layers where it has them. node tfjs.mjs WORKLOAD wasm|cpu
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { gpt, lstms, mlps, noDetector, numbers, report } from './turns.mjs';

const require = createRequire(import.meta.url);
const warn = console.warn;
console.warn = () => undefined; // "Hi, looks like you are running TensorFlow.js in Node.js"
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
console.warn = warn;

const lr = 1e-9;

await report(async (name) => {
  if (!(await tf.setBackend(process.argv[3]))) throw new Error(`no backend ${process.argv[3]}`);
  await tf.ready();
  const optimizer = tf.train.sgd(lr);
  const loss = lossOf(name);
  // The loss is read after each step: nothing may be left for later.
  return async () => {
    const value = optimizer.minimize(loss, true);
    await value.data();
    value.dispose();
  };
});

function lossOf(name) {
  if (name in mlps) {
    const { input, width, depth, batch } = mlps[name];
    const model = tf.sequential();
    for (let i = 0; i < depth; i++) {
      const inputShape = i === 0 ? { inputShape: [input] } : {};
      model.add(
        tf.layers.dense({ units: width, activation: 'relu', kernelInitializer: 'heNormal', ...inputShape }),
      );
    }
    model.add(tf.layers.dense({ units: 10 }));
    return classify(model, [batch, input]);
  }
  if (name in lstms) {
    const model = tf.sequential();
    model.add(
      tf.layers.lstm({ units: lstms[name], inputShape: [100, 32], recurrentInitializer: 'glorotNormal' }),
    );
    model.add(tf.layers.dense({ units: 10 }));
    return classify(model, [32, 100, 32]);
  }
  if (name === 'conv3') {
    const model = tf.sequential();
    [16, 32, 32].forEach((filters, i) => {
      const inputShape = i === 0 ? { inputShape: [32, 32, 3] } : {};
      model.add(
        tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu', ...inputShape }),
      );
      model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
    });
    model.add(tf.layers.flatten());
    model.add(tf.layers.dense({ units: 10 }));
    return classify(model, [32, 32, 32, 3]);
  }
  if (name === 'resnet20') return classify(resnet20(), [32, 32, 32, 3]);
  if (name === 'gptMini') return gptLoss();
  throw new Error(noDetector);
}

/** Softmax cross-entropy of a model on one random batch. */
function classify(model, shape) {
  const x = tf.tensor(numbers(shape.reduce((a, b) => a * b)), shape);
  const classes = Int32Array.from({ length: shape[0] }, (_, i) => i % 10);
  const target = tf.oneHot(tf.tensor1d(classes, 'int32'), 10).toFloat();
  return () => tf.losses.softmaxCrossEntropy(target, model.apply(x, { training: true }));
}

function resnet20() {
  const norm = (x) => tf.layers.batchNormalization().apply(x);
  const relu = (x) => tf.layers.reLU().apply(x);
  const conv = (x, filters, strides = 1, kernelSize = 3) =>
    tf.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x);
  const input = tf.input({ shape: [32, 32, 3] });
  let x = relu(norm(conv(input, 16)));
  for (const filters of [16, 32, 64]) {
    for (let i = 0; i < 3; i++) {
      const strides = filters > 16 && i === 0 ? 2 : 1;
      const branch = norm(conv(relu(norm(conv(x, filters, strides))), filters));
      const skip = strides === 2 ? norm(conv(x, filters, 2, 1)) : x;
      x = relu(tf.layers.add().apply([branch, skip]));
    }
  }
  const outputs = tf.layers.dense({ units: 10 }).apply(tf.layers.globalAveragePooling2d({}).apply(x));
  return tf.model({ inputs: input, outputs });
}

/** Pre-norm blocks of causal attention and a GELU network, every position's next token. */
function gptLoss() {
  const { layers, width, heads, hidden, length, batch, vocabulary } = gpt;
  const weight = (shape, deviation = 0.02) => tf.variable(tf.randomNormal(shape, 0, deviation));
  const zeros = (shape) => tf.variable(tf.zeros(shape));
  const ones = (shape) => tf.variable(tf.ones(shape));
  const table = weight([vocabulary, width]);
  const places = weight([length, width]);
  const blocks = Array.from({ length: layers }, () => ({
    norms: [ones([width]), zeros([width]), ones([width]), zeros([width])],
    qkv: [weight([width, 3 * width]), zeros([3 * width])],
    out: [weight([width, width]), zeros([width])],
    up: [weight([width, hidden]), zeros([hidden])],
    down: [weight([hidden, width]), zeros([width])],
  }));
  const last = [ones([width]), zeros([width])];
  const head = weight([width, vocabulary]);
  const ids = tf.tensor2d(
    Int32Array.from(numbers(batch * length), (v) => Math.floor(((v + 1) / 2) * vocabulary)),
    [batch, length],
    'int32',
  );
  const target = tf.oneHot(ids.reshape([-1]), vocabulary).toFloat();
  const mask = tf.linalg
    .bandPart(tf.ones([length, length]), -1, 0)
    .sub(1)
    .mul(1e9);
  const layerNorm = (x, scale, shift) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return x.sub(mean).div(variance.add(1e-5).sqrt()).mul(scale).add(shift);
  };
  const affine = (x, [w, b]) => tf.matMul(x, w).add(b);
  const gelu = (x) => x.mul(tf.erf(x.div(Math.SQRT2)).add(1)).mul(0.5);
  return () => {
    let x = tf
      .gather(table, ids)
      .add(places)
      .reshape([batch * length, width]);
    for (const { norms, qkv, out, up, down } of blocks) {
      const parts = tf.split(affine(layerNorm(x, norms[0], norms[1]), qkv), 3, 1);
      const [q, k, v] = parts.map((part) =>
        part.reshape([batch, length, heads, width / heads]).transpose([0, 2, 1, 3]),
      );
      const scores = tf
        .matMul(q, k, false, true)
        .div(Math.sqrt(width / heads))
        .add(mask);
      const mixed = tf
        .matMul(tf.softmax(scores), v)
        .transpose([0, 2, 1, 3])
        .reshape([batch * length, width]);
      x = x.add(affine(mixed, out));
      x = x.add(affine(gelu(affine(layerNorm(x, norms[2], norms[3]), up)), down));
    }
    return tf.losses.softmaxCrossEntropy(target, tf.matMul(layerNorm(x, ...last), head));
  };
}
