import type { Evidence, Reading, SiteEvidence } from './evidence.js';
import type { Factor } from './report.js';

/**
 * What one backward step through a site multiplies rms(gradient) by, split so that
 * weights × activation × normalization × skip = total.
 *
 * A layer's own share is what its activation's slope leaves of the total; it counts as weights or normalisation,
 * as the layer says. A container's total holds the factors of the sites within it; what is left when they are
 * divided out is the doing of its skip.
 */
export function factorOf(evidence: Evidence, site: SiteEvidence, when: 'initial' | 'window'): Factor {
  const reading = site[when];
  const total = finite(reading.totalFactor);
  const slope = site.info.activation ? finite(reading.slopeFactor) : 1;
  const own = { weights: 1, activation: slope ?? 1, normalization: 1 };
  let known = slope !== null;
  for (const child of site.children) {
    const inner = factorOf(evidence, evidence.sites[child]!, when);
    known &&= inner.total !== null && inner.total > 0;
    own.weights *= inner.weights ?? 1;
    own.activation *= inner.activation ?? 1;
    own.normalization *= inner.normalization ?? 1;
    if (site.info.factor !== 'skip') own.weights *= inner.skip ?? 1;
  }
  if (total === null)
    return { total: null, weights: null, activation: slope, normalization: null, skip: null };
  const product = own.weights * own.activation * own.normalization;
  if (!known || !(product > 0)) {
    // Nothing comes back through what lies within (a zero branch, dead units): the site's own kind takes it all.
    const rest = { total, weights: 1, activation: 1, normalization: 1, skip: 1 };
    return { ...rest, [site.info.factor]: total };
  }
  const left = total / product;
  return {
    total,
    weights: site.info.factor === 'weights' ? own.weights * left : own.weights,
    activation: own.activation,
    normalization: site.info.factor === 'normalization' ? own.normalization * left : own.normalization,
    skip: site.info.factor === 'skip' ? left : 1,
  };
}

function finite(value: Reading[keyof Reading]): number | null {
  return Number.isFinite(value) ? value : null;
}

/**
 * By how many decades one backward step changes the gradient's norm a sample. Unlike rms(gradient), the norm does
 * not change merely because a layer is wider on one side (a stride, a last layer of ten outputs).
 */
export function decadesThrough(
  { inputs, outputs, ...site }: SiteEvidence,
  when: 'initial' | 'window',
): number {
  return Math.log10(site[when].totalFactor) + Math.log10(inputs / outputs) / 2;
}
