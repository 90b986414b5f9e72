/** A found or true object: its class, its box (centre and size, in units of the image's sides), and how sure it is. */
export interface Box {
  readonly kind: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** A logit: larger is surer. */
  readonly score: number;
}

/** Intersection over union of two boxes. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const width =
    Math.min(a.x + a.width / 2, b.x + b.width / 2) - Math.max(a.x - a.width / 2, b.x - b.width / 2);
  const height =
    Math.min(a.y + a.height / 2, b.y + b.height / 2) - Math.max(a.y - a.height / 2, b.y - b.height / 2);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/**
 * Non-maximum suppression, class by class: of boxes that overlap by more than `overlap` the surest stays.
 * Returns at most `most` boxes, the surest first.
 */
export function suppress(boxes: readonly Box[], overlap = 0.6, most = 100): Box[] {
  const kept: Box[] = [];
  for (const box of [...boxes].sort((a, b) => b.score - a.score)) {
    if (kept.length === most) break;
    if (!kept.some((other) => other.kind === box.kind && intersectionOverUnion(other, box) > overlap)) {
      kept.push(box);
    }
  }
  return kept;
}

/** Numbers of a detector's row before its logits: the box, and the point it was predicted from. */
export const BOX_NUMBERS = 6;

/**
 * Boxes of sample `sample` in a detector's output [N, anchors, 6 + classes] whose logit is at least `least`, one for each
 * class that is, before suppression.
 */
export function readBoxes(
  output: Float32Array,
  [, anchors, width]: readonly [number, number, number],
  sample: number,
  least: number,
): Box[] {
  const boxes: Box[] = [];
  for (let anchor = 0; anchor < anchors; anchor++) {
    const row = (sample * anchors + anchor) * width;
    for (let kind = 0; kind < width - BOX_NUMBERS; kind++) {
      const score = output[row + BOX_NUMBERS + kind]!;
      if (!(score >= least)) continue;
      const [x, y, w, h] = output.subarray(row, row + 4) as unknown as [number, number, number, number];
      boxes.push({ kind, x, y, width: w, height: h, score });
    }
  }
  return boxes;
}

/** True boxes of sample `sample` in targets [N, objects, 5]: class (−1: none), centre, size. */
export function readTargets(target: Float32Array | Int32Array, objects: number, sample: number): Box[] {
  const boxes: Box[] = [];
  for (let object = 0; object < objects; object++) {
    const at = (sample * objects + object) * 5;
    const [kind, x, y, width, height] = target.subarray(at, at + 5) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (kind >= 0) boxes.push({ kind, x, y, width, height, score: Infinity });
  }
  return boxes;
}

/** For each found box, the surest first: itself, and the true box that it takes, or null. */
export function matchBoxes(
  found: readonly Box[],
  truths: readonly Box[],
  overlap = 0.5,
): { readonly box: Box; readonly truth: Box | null }[] {
  const free = new Set(truths);
  return [...found]
    .sort((a, b) => b.score - a.score)
    .map((box) => {
      let best: Box | null = null;
      let most = overlap;
      for (const truth of free) {
        const shared = truth.kind === box.kind ? intersectionOverUnion(truth, box) : 0;
        if (shared >= most) [best, most] = [truth, shared];
      }
      if (best) free.delete(best);
      return { box, truth: best };
    });
}

/** Whether each found box of one class (over all samples) is right, with its score; and how many true ones there are. */
interface Findings {
  readonly found: { readonly score: number; readonly right: boolean }[];
  truths: number;
}

/** Collects found and true boxes, and gives their mean average precision at one overlap. */
export class AveragePrecision {
  readonly #overlap: number;
  readonly #kinds = new Map<number, Findings>();

  constructor(overlap = 0.5) {
    this.#overlap = overlap;
  }

  /** Adds one sample: the surest found box takes the true box of its class that it overlaps most. */
  add(found: readonly Box[], truths: readonly Box[]): void {
    for (const truth of truths) this.#of(truth.kind).truths++;
    for (const { box, truth } of matchBoxes(found, truths, this.#overlap)) {
      this.#of(box.kind).found.push({ score: box.score, right: truth !== null });
    }
  }

  /**
   * Mean over the classes of the area under the precision–recall curve, precision taken as the largest at any higher
   * recall (Pascal VOC 2010 and later). NaN where there was no true box.
   */
  value(): number {
    const areas = [...this.#kinds.values()].filter(({ truths }) => truths > 0).map(areaUnderPrecision);
    return areas.reduce((sum, area) => sum + area, 0) / areas.length;
  }

  #of(kind: number): Findings {
    let findings = this.#kinds.get(kind);
    if (!findings) {
      findings = { found: [], truths: 0 };
      this.#kinds.set(kind, findings);
    }
    return findings;
  }
}

function areaUnderPrecision({ found, truths }: Findings): number {
  const sorted = [...found].sort((a, b) => b.score - a.score);
  let right = 0;
  const curve = sorted.map((box, i) => {
    if (box.right) right++;
    return { recall: right / truths, precision: right / (i + 1) };
  });
  let [area, precision] = [0, 0];
  for (let i = curve.length - 1; i >= 0; i--) {
    precision = Math.max(precision, curve[i]!.precision);
    area += (curve[i]!.recall - (i > 0 ? curve[i - 1]!.recall : 0)) * precision;
  }
  return area;
}
