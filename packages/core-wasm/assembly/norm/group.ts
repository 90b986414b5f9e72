// Group normalisation of x [N, C, inner]: each sample's channels in `groups` groups, normalised group by group, then
// scaled and shifted channel by channel. One group is a layer norm of the whole sample, C groups an instance norm.
//   y = (x - mean) · invStd · w[c] + b[c],  invStd = 1 / sqrt(var + eps), var biased
// `stats` keeps [mean, invStd] of each sample and group as f64; `weight` and `bias` are 0 where there are none.
// Source: Wu and He 2018, arXiv:1803.08494.
import {
  addMoments,
  addProducts,
  clearMoments,
  first,
  put,
  rescale,
  rescaleGrad,
  second,
  varianceOf,
} from './moments';

export function groupNorm(
  n: i32,
  channels: i32,
  inner: i32,
  groups: i32,
  x: usize,
  weight: usize,
  bias: usize,
  eps: f32,
  y: usize,
  stats: usize,
): void {
  const perGroup = channels / groups;
  const size = perGroup * inner;
  const plane = <usize>inner << 2;
  for (let i = 0; i < n; i++) {
    for (let g = 0; g < groups; g++, stats += 16) {
      clearMoments();
      addMoments(size, x);
      const mean = first / <f64>size;
      const invStd = 1 / Math.sqrt(varianceOf(<f64>size) + <f64>eps);
      store<f64>(stats, mean);
      store<f64>(stats, invStd, 8);
      const centre = <f32>mean;
      for (let c = g * perGroup; c < (g + 1) * perGroup; c++, x += plane, y += plane) {
        const scale = invStd * (weight ? <f64>load<f32>(weight + (<usize>c << 2)) : 1);
        const shift = (bias ? <f64>load<f32>(bias + (<usize>c << 2)) : 0) + (<f64>centre - mean) * scale;
        rescale(inner, x, centre, scale, shift, y);
      }
    }
  }
}

/**
 * With g = w · dy and x̂ = (x - mean) · invStd, means over a group:
 *   dx (+)= invStd · (g - mean(g) - x̂ · mean(g x̂)),  dw (+)= Σ dy x̂,  db (+)= Σ dy.
 * Any of dx, dw, db may be 0.
 */
export function groupNormGrad(
  n: i32,
  channels: i32,
  inner: i32,
  groups: i32,
  x: usize,
  dy: usize,
  stats: usize,
  weight: usize,
  dx: usize,
  dWeight: usize,
  dBias: usize,
  accX: i32,
  accWeight: i32,
  accBias: i32,
): void {
  const perGroup = channels / groups;
  const count = <f64>(perGroup * inner);
  const plane = <usize>inner << 2;
  for (let i = 0; i < n; i++) {
    const addWeight = i > 0 ? 1 : accWeight;
    const addBias = i > 0 ? 1 : accBias;
    for (let g = 0; g < groups; g++, stats += 16) {
      const mean = load<f64>(stats);
      const invStd = load<f64>(stats, 8);
      const centre = <f32>mean;
      const rest = mean - <f64>centre;
      let sum: f64 = 0;
      let products: f64 = 0;
      for (let j = 0; j < perGroup; j++) {
        const offset = <usize>(g * perGroup + j) << 2;
        const at = <usize>j * plane;
        clearMoments();
        addProducts(inner, dy + at, x + at, centre);
        const channelSum = first;
        const channelProducts = second - rest * channelSum; // Σ dy (x - mean)
        if (dWeight) put(dWeight + offset, channelProducts * invStd, addWeight);
        if (dBias) put(dBias + offset, channelSum, addBias);
        const w = weight ? <f64>load<f32>(weight + offset) : 1;
        sum += w * channelSum;
        products += w * channelProducts;
      }
      const slope = (-invStd * invStd * invStd * products) / count;
      const shift = (-invStd * sum) / count - slope * rest;
      for (let j = 0; j < perGroup; j++, x += plane, dy += plane) {
        if (!dx) continue;
        const offset = <usize>(g * perGroup + j) << 2;
        const scale = invStd * (weight ? <f64>load<f32>(weight + offset) : 1);
        rescaleGrad(inner, x, dy, centre, scale, slope, shift, dx, accX);
        dx += plane;
      }
    }
  }
}
