import { readActivation } from '../activations/activation.js';
import { activations } from '../run/shelves.js';
import { moments } from '../theory/meanField.js';
import type { Evidence, SiteEvidence } from './evidence.js';
import { decadesThrough, factorOf } from './factors.js';
import { coverage, phiOf, predictSite, weightOf } from './flow.js';

/** Decades of gradient lost (below 0) or gained at a site, by what lost them. */
export interface Shares {
  /** The weights' scale against what the activation needs. */
  readonly weights: number;
  /** An activation whose slope never reaches 1. */
  readonly flat: number;
  /** Units in the flat parts: the slope is below that at small inputs. */
  readonly saturated: number;
  readonly normalization: number;
  readonly skip: number;
  readonly recurrence: number;
  /** Taps of kernels that lie over zero padding. */
  readonly padding: number;
}

export type Share = keyof Shares;

const NOTHING: Shares = {
  weights: 0,
  flat: 0,
  saturated: 0,
  normalization: 0,
  skip: 0,
  recurrence: 0,
  padding: 0,
};

/** Largest rms slope that a zero-mean Gaussian of at most unit variance meets, and the largest slope up to 1. */
export function slopesOf(site: SiteEvidence): { best: number; reachable: number } {
  const phi = phiOf(site);
  if (!phi || !site.info.activation) return { best: 1, reachable: 1 };
  const { activation } = readActivation(activations, {
    fn: site.info.activation.fn,
    ...site.info.activation.options,
  });
  const best = Math.sqrt(Math.max(moments(phi, 1e-6).slopeSquare, moments(phi, 1).slopeSquare));
  return { best, reachable: Math.min(1, activation.maxSlope ?? best) };
}

/**
 * Splits the decades that a backward step through a site costs.
 *
 * total = (w / g) · r · (s / b), with w the weights' factor, s the measured rms slope, b the best rms slope of the
 * activation, r ≤ 1 the largest slope it has at all, and g = r / b the gain the weights should have (√2 for a ReLU,
 * 1 for tanh and for a sigmoid). So ReLU with Xavier is the weights' doing, a sigmoid with Xavier the activation's.
 */
export function sharesOf(evidence: Evidence, site: SiteEvidence, when: 'initial' | 'window'): Shares {
  const total = decadesThrough(site, when);
  if (!Number.isFinite(total)) return NOTHING;
  if (site.info.steps !== null) return { ...NOTHING, recurrence: total };
  if (site.info.factor !== 'weights') return { ...NOTHING, [site.info.factor]: total };
  const slope = Math.log10(factorOf(evidence, site, when).activation ?? 1);
  const { best, reachable } = slopesOf(site);
  const [b, r] = [Math.log10(best), Math.log10(reachable)];
  if (!Number.isFinite(slope)) return { ...NOTHING, saturated: total };
  const padding = Math.log10(coverage(site)) / 2;
  return {
    ...NOTHING,
    weights: total - slope - padding - (r - b),
    flat: r,
    saturated: slope - b,
    padding,
  };
}

/** What a stretch of sites shares out, summed. */
export function sumShares(
  evidence: Evidence,
  sites: readonly SiteEvidence[],
  when: 'initial' | 'window',
): Shares {
  const sum: Record<Share, number> = { ...NOTHING };
  for (const site of sites) {
    const shares = sharesOf(evidence, site, when);
    for (const share of Object.keys(sum) as Share[]) sum[share] += shares[share] || 0; // NaN: no number, no share
  }
  return sum;
}

/** The share that lost most (`sign` −1) or gained most (+1). */
export function largestShare(shares: Shares, sign: 1 | -1): Share {
  const names = Object.keys(shares) as Share[];
  return names.reduce(
    (most, share) => (sign * shares[share] > sign * shares[most] ? share : most),
    names[0]!,
  );
}

/**
 * The one site that does most of the damage, or null where the damage is spread over the sites alike.
 *
 * One stands out when it costs at least half of all that is lost, a decade or more, and three times the median.
 */
export function outlier(
  sites: readonly SiteEvidence[],
  decades: readonly number[],
  sign: 1 | -1,
): SiteEvidence | null {
  const lost = decades.map((value) => Math.max(0, sign * (Number.isNaN(value) ? 0 : value)));
  const sum = lost.reduce((a, b) => a + b, 0);
  const most = Math.max(...lost);
  const middle = [...lost].sort((a, b) => a - b)[lost.length >> 1] ?? 0;
  if (sites.length < 2 || most < 1 || most < 0.5 * sum || most < 3 * middle) return null;
  return sites[lost.indexOf(most)]!;
}

/** Typical (geometric mean) factors of a stretch, for the words: a layer, its weights, its slope. */
export function typicalFactors(
  evidence: Evidence,
  sites: readonly SiteEvidence[],
  when: 'initial' | 'window',
) {
  const mean = (of: (site: SiteEvidence) => number | null) => {
    const logs = sites.map((site) => Math.log10(of(site) ?? NaN)).filter(Number.isFinite);
    return logs.length === 0 ? NaN : 10 ** (logs.reduce((a, b) => a + b, 0) / logs.length);
  };
  return {
    perLayer: mean((site) => 10 ** decadesThrough(site, when)),
    weights: mean((site) => factorOf(evidence, site, when).weights),
    slope: mean((site) => factorOf(evidence, site, when).activation),
    chi: mean((site) => (predictSite(evidence, site)?.factor ?? NaN) ** 2),
  };
}

/** Decades that finite width is expected to cost: half of half the variance of ln |J u|², 5 / n a ReLU layer. */
export function chanceDecades(
  evidence: Evidence,
  sites: readonly SiteEvidence[],
): { mean: number; deviation: number } {
  let spread = 0;
  for (const site of sites) {
    const predicted = predictSite(evidence, site)?.spread;
    const fanIn = weightOf(site)?.fanIn;
    spread += predicted ?? (fanIn ? 5 / fanIn : 0);
  }
  return { mean: spread / 4 / Math.LN10, deviation: Math.sqrt(spread) / 2 / Math.LN10 };
}

/** Sites with weights of their own, or within them. */
export function hasWeights({ info }: SiteEvidence): boolean {
  return info.parameters.length > 0;
}
