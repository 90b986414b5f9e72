/**
 * Philox4x32-10, straight from Salmon 2011: four 32-bit words of the block with this counter and key.
 */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [x0, x1, x2, x3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const p = 0xd2511f53n * BigInt(x0 >>> 0);
    const q = 0xcd9e8d57n * BigInt(x2 >>> 0);
    const [pHigh, pLow] = [Number(p >> 32n), Number(p & 0xffffffffn)];
    const [qHigh, qLow] = [Number(q >> 32n), Number(q & 0xffffffffn)];
    [x0, x1, x2, x3] = [(qHigh ^ x1 ^ k0) >>> 0, qLow, (pHigh ^ x3 ^ k1) >>> 0, pLow];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [x0, x1, x2, x3];
}

/** n words of a stream from number `offset` on. */
export function randomBits(
  n: number,
  key: readonly [number, number],
  stream: readonly [number, number],
  offset: number,
): number[] {
  return Array.from({ length: n }, (_, i) => {
    const index = offset + i;
    const block = Math.floor(index / 4);
    return philox([block >>> 0, Math.floor(block / 2 ** 32), stream[0], stream[1]], key)[index % 4]!;
  });
}

/** Box and Muller on words 2i and 2i + 1: r cos t, r sin t. */
export function normals(words: readonly number[]): number[] {
  return words.map((_, i) => {
    const radius = Math.sqrt(-2 * Math.log((words[i - (i % 2)]! + 0.5) / 2 ** 32));
    const angle = (2 * Math.PI * words[i - (i % 2) + 1]!) / 2 ** 32;
    return radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
}
