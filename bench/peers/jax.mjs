// jax-js on its WebAssembly device, loss, gradient and update in one jit as its documentation advises.
import { init, defaultDevice, jit, lax, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { gpt, lstms, mlps, noDetector, numbers, report } from './turns.mjs';

const lr = 1e-9;
const array = (shape, scale = 1) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return np.array(numbers(size, size).map((v) => v * scale)).reshape(shape);
};
const weight = (...shape) => array(shape, Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1)));
const affine = (x, [w, b]) => np.dot(x, np.transpose(w)).add(b);

await report(async (name) => {
  await init('wasm');
  defaultDevice('wasm');
  const { parameters, loss, data } = networkOf(name);
  const step = jit((p, ...inputs) => {
    const [value, grads] = valueAndGrad(loss)(tree.ref(p), ...inputs);
    return [value, tree.map((w, g) => w.sub(g.mul(lr)), p, grads)];
  });
  let current = parameters;
  return async () => {
    const [value, next] = step(current, ...data.map((one) => one.ref));
    current = next;
    await value.jsAsync();
  };
});

function crossEntropy(logits, target) {
  return nn
    .logSoftmax(logits, -1)
    .mul(target)
    .sum()
    .mul(-1 / target.shape[0]);
}

function targets(batch, classes = 10) {
  return nn.oneHot(
    np.array(
      Int32Array.from({ length: batch }, (_, i) => i % classes),
      { dtype: np.int32 },
    ),
    classes,
  );
}

function networkOf(name) {
  if (name in mlps) {
    const { input, width, depth, batch } = mlps[name];
    const sizes = [input, ...Array(depth).fill(width), 10];
    const parameters = sizes.slice(1).map((out, i) => [weight(out, sizes[i]), np.zeros([out])]);
    const loss = (p, x, target) => {
      p.forEach((layer, i) => (x = i < depth ? nn.relu(affine(x, layer)) : affine(x, layer)));
      return crossEntropy(x, target);
    };
    return { parameters, loss, data: [array([batch, input]), targets(batch)] };
  }
  if (name === 'conv3') {
    const channels = [3, 16, 32, 32];
    const parameters = {
      convs: channels.slice(1).map((out, i) => [weight(out, channels[i], 3, 3), np.zeros([1, out, 1, 1])]),
      head: [weight(10, 512), np.zeros([10])],
    };
    const loss = ({ convs, head }, x, target) => {
      for (const [w, b] of convs) {
        x = nn.relu(lax.conv(x, w, [1, 1], 'SAME').add(b));
        const [n, c, h, v] = x.shape;
        x = x.reshape([n, c, h / 2, 2, v / 2, 2]).max([3, 5]);
      }
      return crossEntropy(affine(x.reshape([32, 512]), head), target);
    };
    return { parameters, loss, data: [array([32, 3, 32, 32]), targets(32)] };
  }
  if (name in lstms) return lstm(lstms[name]);
  if (name === 'resnet20')
    throw new Error('not written: 21 convolutions at the 1 s a step that three of them take here');
  if (name === 'gptMini') return gptMini();
  throw new Error(noDetector);
}

function lstm(H) {
  const parameters = {
    input: [weight(4 * H, 32), np.zeros([4 * H])],
    w: weight(4 * H, H),
    head: [weight(10, H), np.zeros([10])],
  };
  const loss = ({ input, w, head }, x, target) => {
    const projected = affine(x.reshape([3200, 32]), input).reshape([100, 32, 4, H]);
    const turned = np.transpose(w);
    let h = np.zeros([32, H]);
    let c = np.zeros([32, H]);
    for (let t = 0; t < 100; t++) {
      const gates = np.dot(h, turned.ref).reshape([32, 4, H]).add(projected.ref.slice(t));
      const gate = (i) => gates.ref.slice([], i);
      c = nn
        .sigmoid(gate(1))
        .mul(c)
        .add(nn.sigmoid(gate(0)).mul(np.tanh(gate(2))));
      h = nn.sigmoid(gate(3)).mul(np.tanh(c.ref));
      gates.dispose();
    }
    for (const one of [turned, projected, c]) one.dispose();
    return crossEntropy(affine(h, head), target);
  };
  return { parameters, loss, data: [array([100, 32, 32]), targets(32)] };
}

function gptMini() {
  const { layers, width, heads, hidden, length, batch, vocabulary } = gpt;
  const rows = batch * length;
  const linear = (out, into) => [weight(out, into), np.zeros([out])];
  const norm = () => [np.ones([width]), np.zeros([width])];
  const parameters = {
    table: array([vocabulary, width], 0.02),
    places: array([length, width], 0.02),
    blocks: Array.from({ length: layers }, () => ({
      first: norm(),
      qkv: linear(3 * width, width),
      out: linear(width, width),
      second: norm(),
      up: linear(hidden, width),
      down: linear(width, hidden),
    })),
    last: norm(),
    head: weight(vocabulary, width),
  };
  const layerNorm = (x, [scale, shift]) => nn.standardize(x, -1).mul(scale).add(shift);
  const loss = ({ table, places, blocks, last, head }, ids, target) => {
    let x = np.dot(ids, table).reshape([batch, length, width]).add(places).reshape([rows, width]);
    for (const { first, qkv, out, second, up, down } of blocks) {
      const parts = affine(layerNorm(x.ref, first), qkv).reshape([batch, length, 3, heads, width / heads]);
      const part = (i) => parts.ref.slice([], [], i);
      const mixed = nn.dotProductAttention(part(0), part(1), part(2), { isCausal: true });
      parts.dispose();
      x = x.add(affine(mixed.reshape([rows, width]), out));
      x = x.ref.add(affine(nn.gelu(affine(layerNorm(x, second), up), { approximate: false }), down));
    }
    return crossEntropy(np.dot(layerNorm(x, last), np.transpose(head)), target);
  };
  const ids = Int32Array.from(numbers(rows), (v) => Math.floor(((v + 1) / 2) * vocabulary));
  const hot = nn.oneHot(np.array(ids, { dtype: np.int32 }), vocabulary);
  return { parameters, loss, data: [hot.ref, hot] };
}
