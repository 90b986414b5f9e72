import { readActivation } from '../activations/activation.js';
import { activations } from '../run/shelves.js';
import { nonlinearityOf, type Nonlinearity } from '../theory/meanField.js';
import { predictFlow, predictStep, type Band, type PredictedStep } from '../theory/flow.js';
import { sizeOf } from '../core/shape.js';
import type { Evidence, SiteEvidence } from './evidence.js';

/** The least that a float32 can hold: a gradient of 0 counts as so many decades below the output's. */
export const LEAST_DECADES = -45;

/**
 * For every site, by how many decades the norm of its output's gradient, a sample, lies above (+) or below (−) that
 * of the network's output; NaN where it was not measured.
 */
export function gradientDecades({ sites, chain }: Evidence, when: 'initial' | 'window'): number[] {
  const norm = (site: SiteEvidence) => site[when].gradientRms * Math.sqrt(site.outputs);
  const last = chain.at(-1);
  const reference = last ? norm(last) : NaN;
  return sites.map((site) => Math.max(LEAST_DECADES, Math.log10(norm(site) / reference)));
}

/** For every site, by how many decades rms(activation) lies above or below that of the chain's first site. */
export function signalDecades({ sites, chain }: Evidence, when: 'initial' | 'window'): number[] {
  const reference = chain[0]?.[when].activationRms ?? NaN;
  return sites.map((site) => Math.max(LEAST_DECADES, Math.log10(site[when].activationRms / reference)));
}

/** The site's activation as a function, the identity where it has none; null where it is not one of a number. */
export function phiOf({ info }: SiteEvidence): Nonlinearity | null {
  if (!info.activation) return identity;
  const { activation, options } = readActivation(activations, {
    fn: info.activation.fn,
    ...info.activation.options,
  });
  return nonlinearityOf(activation, options);
}

const identity: Nonlinearity = { f: (x) => x, slope: () => 1, kinks: [] };

/** The site's one weight matrix, or null where it has none or several. */
export function weightOf({ info }: SiteEvidence): { fanIn: number; fanOut: number; size: number } | null {
  const matrices = info.parameters.filter(({ shape }) => shape.length >= 2);
  const [weight] = matrices;
  if (matrices.length !== 1 || !weight) return null;
  return { fanIn: weight.fanIn, fanOut: weight.fanOut, size: sizeOf(weight.shape) };
}

/**
 * fanIn · Var W at initialisation, from the measured norm (biases start at 0), less what lies over zero padding; NaN
 * without one weight matrix.
 */
export function weightVariance(site: SiteEvidence): number {
  const weight = weightOf(site);
  return weight ? (coverage(site) * weight.fanIn * site.initial.parameterNorm ** 2) / weight.size : NaN;
}

/**
 * Share of a padded kernel's taps that lie over the image rather than over its zero padding, on average over the
 * places it stands at: 1 for a dense layer, 4/9 for a 3 × 3 kernel on a 2 × 2 image. He's variance counts them all, so
 * on small images padding costs a part of the signal in every layer.
 */
export function coverage(site: SiteEvidence): number {
  const { info } = site;
  if (weightOf(site) === null || info.shape.length !== info.inputShape.length) return 1;
  const kernel = info.parameters.find(({ shape }) => shape.length > 2)?.shape.slice(2);
  const sizes = info.inputShape.slice(1);
  if (!kernel || kernel.length !== sizes.length || info.options['padding'] === 'valid') return 1;
  const places = info.shape.slice(1);
  return kernel.reduce((share, taps, axis) => {
    const [size, outs] = [sizes[axis]!, places[axis]!];
    const stride = Math.max(1, Math.round(size / outs));
    const reach = (taps - 1) * Number(info.options['dilation'] ?? 1);
    const before = Math.max(0, ((outs - 1) * stride + reach + 1 - size) >> 1);
    let inside = 0;
    for (let place = 0; place < outs; place++) {
      for (let tap = 0; tap < taps; tap++) {
        const at = place * stride - before + tap * (taps > 1 ? reach / (taps - 1) : 0);
        if (at >= 0 && at < size) inside++;
      }
    }
    return share * (inside / (outs * taps));
  }, 1);
}

/**
 * What the theory says of one backward step at initialisation, or null where no law applies: containers,
 * normalisations, layers with several weights or a time axis, equal units.
 */
export function predictSite(evidence: Evidence, site: SiteEvidence): PredictedStep | null {
  const { info, inputs, outputs, equalUnits } = site;
  const phi = phiOf(site);
  if (!phi || info.factor !== 'weights' || site.children.length > 0 || info.steps !== null || equalUnits > 0)
    return null;
  const arriving =
    site.source === null ? evidence.data.inputRms : evidence.sites[site.source]!.initial.activationRms;
  if (!(arriving >= 0)) return null;
  const weight = weightOf(site);
  if (weight === null && info.parameters.length > 0) return null;
  if (weight === null && inputs !== outputs) return null; // pooling: no law
  if (weight === null && !info.activation) return null;
  return predictStep({
    phi,
    sw2: weight ? weightVariance(site) : 1,
    sb2: 0,
    inputSquare: arriving ** 2,
    inputs,
    outputs,
    fanIn: weight?.fanIn ?? 0,
  });
}

/** Low, mean and high of rms(gradient) at each site by the theory; null where no law applies. */
export function predictedGradients(evidence: Evidence): (Band | null)[] {
  const bands: (Band | null)[] = evidence.sites.map(() => null);
  for (const chain of chains(evidence)) {
    const steps = chain.map((site) => predictSite(evidence, site));
    const measured = chain.map(({ initial }) => initial.gradientRms);
    predictFlow(steps, measured).forEach((band, i) => {
      bands[chain[i]!.index] = band;
    });
  }
  return bands;
}

/** Runs of sites of which each takes in the output of the one before, on one level. */
function chains({ sites }: Evidence): SiteEvidence[][] {
  const result: SiteEvidence[][] = [];
  const open = new Map<number | null, SiteEvidence[]>();
  for (const site of sites) {
    const current = open.get(site.info.parent);
    const before = current?.at(-1);
    if (current && before && (site.source === before.index || endsIn(before, site.source, sites)))
      current.push(site);
    else {
      const started = [site];
      result.push(started);
      open.set(site.info.parent, started);
    }
  }
  return result;
}

/** Whether `source` lies within `container`: its output may be that of its last child. */
function endsIn(container: SiteEvidence, source: number | null, sites: readonly SiteEvidence[]): boolean {
  for (let at = source; at !== null; at = sites[at]!.info.parent) if (at === container.index) return true;
  return false;
}
