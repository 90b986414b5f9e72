/** What part of the picture is seen: page = scale · (world − origin). */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const LEAST = 0.03;
const MOST = 2.5;

/** Everything in view; small networks are not blown up. */
export function fit(world: { width: number; height: number }, width: number, height: number): Camera {
  const scale = clamp(Math.min(width / world.width, height / world.height, 1));
  return centred(world.width / 2, world.height / 2, scale, width, height);
}

/** A point of the world in the middle. */
export function centred(x: number, y: number, scale: number, width: number, height: number): Camera {
  return { scale, x: x - width / (2 * scale), y: y - height / (2 * scale) };
}

/** Zooms by a factor; what is at the point (on the page) stays there. */
export function zoomed({ x, y, scale }: Camera, factor: number, atX: number, atY: number): Camera {
  const next = clamp(scale * factor);
  return { scale: next, x: x + atX / scale - atX / next, y: y + atY / scale - atY / next };
}

export function moved({ x, y, scale }: Camera, dx: number, dy: number): Camera {
  return { scale, x: x - dx / scale, y: y - dy / scale };
}

function clamp(scale: number): number {
  return Math.max(LEAST, Math.min(MOST, scale));
}
