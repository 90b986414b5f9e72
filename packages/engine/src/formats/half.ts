const word = new DataView(new ArrayBuffer(4));

/** The number that 16 bits stand for in IEEE 754's binary16: a sign, 5 bits of exponent, 10 of fraction. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The number that 16 bits stand for in bfloat16, the upper half of a float32. */
export function fromBfloat(bits: number): number {
  word.setUint16(2, bits, true);
  return word.getFloat32(0, true);
}
