/** Whether one sample of this shape can be looked at as a picture: [C, H, W] or a square laid out in a row. */
export function isImage(shape: readonly number[]): boolean {
  return shape.length === 3 && shape[1]! > 1 && shape[2]! > 1;
}

/** A sample [C, H, W] as it would be seen: grey for one channel, colours for three; the smallest number is black. */
export function photoOf(values: Float32Array, [channels, rows, columns]: readonly number[]): ImageData {
  const image = new ImageData(columns!, rows!);
  const pixels = rows! * columns!;
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? 255 / (high - low) : 0;
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) {
      const from = channels === 3 ? c * pixels + i : i;
      image.data[4 * i + c] = (values[from]! - low) * scale;
    }
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/** Numbers from 0 to 1 as shades of one colour over whatever is behind: square roots, so that small ones are seen. */
export function shadesOf(
  values: ArrayLike<number>,
  columns: number,
  [red, green, blue]: readonly [number, number, number],
): ImageData {
  const image = new ImageData(columns, values.length / columns);
  for (let i = 0; i < values.length; i++) {
    image.data.set(
      [red, green, blue, Math.round(255 * Math.sqrt(Math.max(0, Math.min(1, values[i]!))))],
      4 * i,
    );
  }
  return image;
}

/** The parts of a colour as `getComputedStyle` resolves it. */
export function partsOf(colour: string): [number, number, number] {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red ?? 0, green ?? 0, blue ?? 0];
}
