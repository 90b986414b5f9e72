import type { Run } from '../run/run.js';
import { profile, type ProbeId, type TraceRecord } from '../run/trace.js';
import type { DiagnosisReport, Factor, Finding, SiteReport } from './report.js';

/** Language of the words in a report. */
export type Language = 'en' | 'pt-BR';

/** Reads a run's trace and says what is wrong with the network, where, and why. */
export function diagnose(run: Run, _options: { language?: Language } = {}): DiagnosisReport {
  const { trace, spec } = run;
  const findings: Finding[] = [];
  return {
    format: 'fuga-diagnosis-1',
    subject: spec.name,
    seed: spec.seed,
    kernels: run.variant,
    verdict: findings.length === 0 ? 'healthy' : 'unhealthy',
    findings,
    sites: trace.records[0] ? reportSites(run, trace.records[0]) : [],
    loss: { first: trace.losses[0] ?? NaN, last: trace.losses.at(-1) ?? NaN },
    steps: trace.steps,
    probeShare: trace.timing.probeShare,
  };
}

function reportSites({ trace }: Run, record: TraceRecord): SiteReport[] {
  return trace.sites.map((site, s) => {
    const read = (probe: ProbeId): number | null => {
      const value = profile(trace, probe, record)[s]!;
      return Number.isNaN(value) ? null : value;
    };
    const [total, slope] = [read('totalFactor'), read('slopeFactor')];
    const own = total !== null && slope !== null ? total / slope : null;
    const factor: Factor = {
      total,
      activation: slope,
      weights: site.factor === 'weights' ? own : 1,
      normalization: site.factor === 'normalization' ? own : 1,
      skip: site.factor === 'skip' ? own : 1,
    };
    const norm = read('parameterNorm');
    return {
      site: site.name,
      type: site.type,
      depth: site.depth,
      activation: {
        rms: read('activationRms'),
        mean: read('activationMean'),
        std: read('activationStd'),
        saturated: read('saturated'),
        dead: read('dead'),
      },
      gradient: { rms: read('gradientRms'), norm: read('gradientNorm'), zero: read('gradientZero') },
      parameters:
        norm === null
          ? null
          : { norm, gradNorm: read('parameterGradNorm') ?? NaN, updateRatio: read('updateRatio') ?? NaN },
      factor,
      theory: null,
    };
  });
}
