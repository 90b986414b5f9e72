// A WebAssembly module with the exports of another, each of which takes the same arguments and does nothing: what is
// left of a program that calls them is the calling.

const ZERO = {
  0x7f: [0x41, 0],
  0x7e: [0x42, 0],
  0x7d: [0x43, 0, 0, 0, 0],
  0x7c: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
};
const section = { types: 1, functions: 3, exports: 7, code: 10 };

/** Bytes of the hollow twin of the module in `bytes`. */
export function hollow(bytes) {
  const made = functionsOf(bytes);
  const list = (items) => [...leb(items.length), ...items.flat()];
  const part = (id, body) => [id, ...leb(body.length), ...body];
  const each = (values) => values.map((value) => [value]);
  const body = (results) => [0, ...results.flatMap((type) => ZERO[type]), 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...part(
      section.types,
      list(made.map(({ parameters, results }) => [0x60, ...list(each(parameters)), ...list(each(results))])),
    ),
    ...part(section.functions, list(made.map((_, i) => leb(i)))),
    ...part(section.exports, list(made.map(({ name }, i) => [...list(each([...name])), 0, ...leb(i)]))),
    ...part(section.code, list(made.map(({ results }) => [...leb(body(results).length), ...body(results)]))),
  ]);
}

/** Name, parameters and results of each exported function. */
function functionsOf(bytes) {
  const types = [];
  const functions = [];
  const exported = [];
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  const take = (length) => bytes.subarray(at, (at += length));
  const repeat = (action) => {
    for (let count = number(); count > 0; count--) action();
  };
  while (at < bytes.length) {
    const id = bytes[at++];
    const size = number();
    const end = at + size;
    if (id === section.types) {
      repeat(() => {
        at++;
        const parameters = [...take(number())];
        types.push({ parameters, results: [...take(number())] });
      });
    } else if (id === section.functions) repeat(() => functions.push(number()));
    else if (id === section.exports) {
      repeat(() => {
        const name = take(number());
        const kind = bytes[at++];
        const index = number();
        if (kind === 0) exported.push({ name, ...types[functions[index]] });
      });
    }
    at = end;
  }
  return exported;
}

function leb(value) {
  const bytes = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value >>>= 7;
  } while (value);
  return bytes;
}
