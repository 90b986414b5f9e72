// An anchor-free detector in the YOLO manner: boxes from distances, assignment of anchors to objects, and the loss.
//
// A prediction is a row [cx, cy, w, h, ax, ay, logits of k classes]: the box, the point (anchor) it was predicted from,
// all in units of the image's sides. A target is a row [class, cx, cy, w, h], class -1 where there is none.
// Sources: Tian et al. 2019, arXiv:1904.01355 (FCOS); Feng et al. 2021, arXiv:2108.07755 (task-aligned assignment);
// Zheng et al. 2019, arXiv:1911.08287 (distance IoU).

const BOX: i32 = 6; // numbers of a row before the logits
const TINY: f64 = 1e-9;

@inline
function get(at: usize, index: i32): f64 {
  return <f64>load<f32>(at + (<usize>index << 2));
}

@inline
function put(at: usize, index: i32, value: f64, acc: i32): void {
  const to = at + (<usize>index << 2);
  store<f32>(to, acc ? load<f32>(to) + <f32>value : <f32>value);
}

@inline
function sigmoid(x: f64): f64 {
  return 1 / (1 + Math.exp(-x));
}

/** ln(1 + e^x). */
@inline
function softplus(x: f64): f64 {
  return max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * Writes the rows of one feature map, from anchor `first` on, into y [n, anchors, 6 + k]. `box` [n, 4, h, w] holds the
 * distances to the left, top, right and bottom before softplus, in cells; `logits` is [n, k, h, w].
 */
export function detectDecode(
  n: i32,
  k: i32,
  h: i32,
  w: i32,
  box: usize,
  logits: usize,
  first: i32,
  anchors: i32,
  y: usize,
): void {
  const cells = h * w;
  for (let i = 0; i < n; i++) {
    for (let cell = 0; cell < cells; cell++) {
      const row = y + (<usize>((i * anchors + first + cell) * (BOX + k)) << 2);
      const at = i * 4 * cells + cell;
      const left = softplus(get(box, at));
      const top = softplus(get(box, at + cells));
      const right = softplus(get(box, at + 2 * cells));
      const bottom = softplus(get(box, at + 3 * cells));
      const ax = (<f64>(cell % w) + 0.5) / <f64>w;
      const ay = (<f64>(cell / w) + 0.5) / <f64>h;
      put(row, 0, ax + (0.5 * (right - left)) / <f64>w, 0);
      put(row, 1, ay + (0.5 * (bottom - top)) / <f64>h, 0);
      put(row, 2, (left + right) / <f64>w, 0);
      put(row, 3, (top + bottom) / <f64>h, 0);
      put(row, 4, ax, 0);
      put(row, 5, ay, 0);
      for (let c = 0; c < k; c++) put(row, BOX + c, get(logits, (i * k + c) * cells + cell), 0);
    }
  }
}

/** The gradients of one feature map's box (0: not wanted) and logits (0: not wanted) from that of y. */
export function detectDecodeGrad(
  n: i32,
  k: i32,
  h: i32,
  w: i32,
  box: usize,
  first: i32,
  anchors: i32,
  dy: usize,
  dBox: usize,
  dLogits: usize,
  accBox: i32,
  accLogits: i32,
): void {
  const cells = h * w;
  for (let i = 0; i < n; i++) {
    for (let cell = 0; cell < cells; cell++) {
      const row = dy + (<usize>((i * anchors + first + cell) * (BOX + k)) << 2);
      if (dBox) {
        const at = i * 4 * cells + cell;
        const dx = (0.5 * get(row, 0)) / <f64>w;
        const dv = (0.5 * get(row, 1)) / <f64>h;
        const dWidth = get(row, 2) / <f64>w;
        const dHeight = get(row, 3) / <f64>h;
        put(dBox, at, (dWidth - dx) * sigmoid(get(box, at)), accBox);
        put(dBox, at + cells, (dHeight - dv) * sigmoid(get(box, at + cells)), accBox);
        put(dBox, at + 2 * cells, (dWidth + dx) * sigmoid(get(box, at + 2 * cells)), accBox);
        put(dBox, at + 3 * cells, (dHeight + dv) * sigmoid(get(box, at + 3 * cells)), accBox);
      }
      if (dLogits) {
        for (let c = 0; c < k; c++) put(dLogits, (i * k + c) * cells + cell, get(row, BOX + c), accLogits);
      }
    }
  }
}

/** Intersection over union of two boxes [cx, cy, w, h]. */
function overlap(p: usize, q: usize): f64 {
  const width =
    min(get(p, 0) + get(p, 2) / 2, get(q, 0) + get(q, 2) / 2) -
    max(get(p, 0) - get(p, 2) / 2, get(q, 0) - get(q, 2) / 2);
  const height =
    min(get(p, 1) + get(p, 3) / 2, get(q, 1) + get(q, 3) / 2) -
    max(get(p, 1) - get(p, 3) / 2, get(q, 1) - get(q, 3) / 2);
  if (width <= 0 || height <= 0) return 0;
  const inter = width * height;
  return inter / (get(p, 2) * get(p, 3) + get(q, 2) * get(q, 3) - inter + TINY);
}

/**
 * Task-aligned assignment: each object takes the `most` anchors within it with the largest √p · IoU⁶ (p the
 * probability given to its class); an anchor wanted by two objects goes to the larger IoU; an object without an anchor
 * within it takes the nearest. `assigned` [n, anchors] is the object's index or -1, `score` its alignment, scaled so
 * that each object's best anchor has its best IoU. Scratch: 3 · anchors f32.
 */
export function detectAssign(
  n: i32,
  anchors: i32,
  k: i32,
  objects: i32,
  predictions: usize,
  targets: usize,
  most: i32,
  assigned: usize,
  score: usize,
  scratch: usize,
): void {
  const align = scratch;
  const best = align + (<usize>anchors << 2);
  const taken = best + (<usize>anchors << 2);
  const stride = <usize>(BOX + k) << 2;
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < anchors; a++) {
      store<i32>(assigned + (<usize>a << 2), -1);
      put(score, a, 0, 0);
      put(best, a, -1, 0);
    }
    for (let m = 0; m < objects; m++) {
      const target = targets + (<usize>(m * 5) << 2);
      const kind = <i32>load<f32>(target);
      if (kind < 0) continue;
      const object = target + 4;
      let nearest = 0;
      let distance = Infinity;
      let inside = 0;
      for (let a = 0; a < anchors; a++) {
        const row = predictions + <usize>a * stride;
        const dx = get(row, 4) - get(object, 0);
        const dy = get(row, 5) - get(object, 1);
        if (dx * dx + dy * dy < distance) {
          distance = dx * dx + dy * dy;
          nearest = a;
        }
        const isInside = Math.abs(dx) < get(object, 2) / 2 && Math.abs(dy) < get(object, 3) / 2;
        if (isInside) inside++;
        put(align, a, isInside ? alignment(row, object, kind) : -1, 0);
        put(taken, a, -1, 0);
      }
      if (inside == 0) put(align, nearest, alignment(predictions + <usize>nearest * stride, object, kind), 0);
      const wanted = min(most, max(1, inside));
      let top: f64 = 0;
      let widest: f64 = 0;
      for (let pick = 0; pick < wanted; pick++) {
        let a = 0;
        for (let b = 1; b < anchors; b++) if (get(align, b) > get(align, a)) a = b;
        const value = get(align, a);
        const iou = overlap(predictions + <usize>a * stride, object);
        if (pick == 0) top = value;
        widest = max(widest, iou);
        put(taken, a, value, 0);
        put(align, a, -2, 0);
      }
      for (let a = 0; a < anchors; a++) {
        const value = get(taken, a);
        if (value < 0) continue;
        const iou = overlap(predictions + <usize>a * stride, object);
        if (iou <= get(best, a)) continue;
        put(best, a, iou, 0);
        store<i32>(assigned + (<usize>a << 2), m);
        put(score, a, (value / (top + TINY)) * widest, 0);
      }
    }
    predictions += <usize>anchors * stride;
    targets += <usize>(objects * 5) << 2;
    assigned += <usize>anchors << 2;
    score += <usize>anchors << 2;
  }
}

function alignment(row: usize, object: usize, kind: i32): f64 {
  const iou = overlap(row, object);
  const cube = iou * iou * iou;
  // Never 0, so that an untrained network's boxes are ranked too.
  return Math.sqrt(sigmoid(get(row, BOX + kind))) * cube * cube + TINY;
}

/**
 * sums (three f64): Σ binary cross entropy of all classes of all anchors against `score` (at the object's class, else
 * 0), Σ score · (1 - distance IoU) over assigned anchors, Σ score.
 */
export function detectLoss(
  n: i32,
  anchors: i32,
  k: i32,
  objects: i32,
  predictions: usize,
  targets: usize,
  assigned: usize,
  score: usize,
  sums: usize,
): void {
  let classes: f64 = 0;
  let boxes: f64 = 0;
  let total: f64 = 0;
  for (let i = 0; i < n * anchors; i++) {
    const row = predictions + (<usize>(i * (BOX + k)) << 2);
    const m = load<i32>(assigned + (<usize>i << 2));
    const weight = get(score, i);
    let kind = -1;
    if (m >= 0) {
      const target = targets + (<usize>(((i / anchors) * objects + m) * 5) << 2);
      kind = <i32>load<f32>(target);
      boxes += weight * distanceLoss(row, target + 4, 0, 0);
      total += weight;
    }
    for (let c = 0; c < k; c++) {
      const x = get(row, BOX + c);
      classes += softplus(x) - (c == kind ? weight * x : 0);
    }
  }
  store<f64>(sums, classes);
  store<f64>(sums, boxes, 8);
  store<f64>(sums, total, 16);
}

/** dPredictions (+)= classScale · ∂sums[0] + boxScale · ∂sums[1], `assigned` and `score` taken as constants. */
export function detectLossGrad(
  n: i32,
  anchors: i32,
  k: i32,
  objects: i32,
  predictions: usize,
  targets: usize,
  assigned: usize,
  score: usize,
  classScale: f64,
  boxScale: f64,
  dPredictions: usize,
  acc: i32,
): void {
  if (!acc) memory.fill(dPredictions, 0, <usize>(n * anchors * (BOX + k)) << 2);
  for (let i = 0; i < n * anchors; i++) {
    const at = <usize>(i * (BOX + k)) << 2;
    const m = load<i32>(assigned + (<usize>i << 2));
    const weight = get(score, i);
    let kind = -1;
    if (m >= 0) {
      const target = targets + (<usize>(((i / anchors) * objects + m) * 5) << 2);
      kind = <i32>load<f32>(target);
      distanceLoss(predictions + at, target + 4, dPredictions + at, boxScale * weight);
    }
    for (let c = 0; c < k; c++) {
      const p = sigmoid(get(predictions + at, BOX + c));
      put(dPredictions + at, BOX + c, classScale * (p - (c == kind ? weight : 0)), 1);
    }
  }
}

/**
 * 1 - IoU + ρ² / c²: ρ the distance of the centres, c the diagonal of the smallest box around both. With `grad` not 0
 * adds scale · its gradient with respect to p there.
 */
function distanceLoss(p: usize, q: usize, grad: usize, scale: f64): f64 {
  const w = get(p, 2);
  const h = get(p, 3);
  const x1 = get(p, 0) - w / 2;
  const x2 = get(p, 0) + w / 2;
  const y1 = get(p, 1) - h / 2;
  const y2 = get(p, 1) + h / 2;
  const X1 = get(q, 0) - get(q, 2) / 2;
  const X2 = get(q, 0) + get(q, 2) / 2;
  const Y1 = get(q, 1) - get(q, 3) / 2;
  const Y2 = get(q, 1) + get(q, 3) / 2;
  const iw = max(0, min(x2, X2) - max(x1, X1));
  const ih = max(0, min(y2, Y2) - max(y1, Y1));
  const inter = iw * ih;
  const union = w * h + get(q, 2) * get(q, 3) - inter + TINY;
  const iou = inter / union;
  const dx = get(p, 0) - get(q, 0);
  const dy = get(p, 1) - get(q, 1);
  const ew = max(x2, X2) - min(x1, X1);
  const eh = max(y2, Y2) - min(y1, Y1);
  const diagonal = ew * ew + eh * eh + TINY;
  const square = dx * dx + dy * dy;
  if (grad) {
    const overlaps = iw > 0 && ih > 0;
    // With respect to the inner and outer width and height, then to the corners, then to centre and size.
    const perInter = (union + inter) / (union * union);
    const perWidth = overlaps ? ih * perInter : 0;
    const perHeight = overlaps ? iw * perInter : 0;
    const perOuter = (-2 * square) / (diagonal * diagonal);
    const gx1 = (x1 > X1 ? perWidth : 0) - (x1 < X1 ? ew * perOuter : 0);
    const gx2 = (x2 < X2 ? -perWidth : 0) + (x2 > X2 ? ew * perOuter : 0);
    const gy1 = (y1 > Y1 ? perHeight : 0) - (y1 < Y1 ? eh * perOuter : 0);
    const gy2 = (y2 < Y2 ? -perHeight : 0) + (y2 > Y2 ? eh * perOuter : 0);
    const perArea = inter / (union * union);
    put(grad, 0, scale * (gx1 + gx2 + (2 * dx) / diagonal), 1);
    put(grad, 1, scale * (gy1 + gy2 + (2 * dy) / diagonal), 1);
    put(grad, 2, scale * (0.5 * (gx2 - gx1) + perArea * h), 1);
    put(grad, 3, scale * (0.5 * (gy2 - gy1) + perArea * w), 1);
  }
  return 1 - iou + square / diagonal;
}
