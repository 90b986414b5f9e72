import type { Run } from '../run/run.js';
import { activations } from '../run/shelves.js';
import type { Diagnosis, Symptom } from './diagnosis.js';
import { gatherEvidence, type Evidence, type SiteEvidence } from './evidence.js';
import { factorOf } from './factors.js';
import { predictedGradients } from './flow.js';
import * as shelf from './index.js';
import type { DiagnosisReport, Finding, SiteReport } from './report.js';
import { factsIn, wordsIn, type FindingWords, type Language } from './words/words.js';

export type { Language } from './words/words.js';

const diagnoses: readonly Diagnosis[] = Object.values(shelf);

/** Reads a run's trace and says what is wrong with the network, where, and why; root causes come first. */
export function diagnose(run: Run, options: { language?: Language } = {}): DiagnosisReport {
  const { trace, spec } = run;
  const evidence = gatherEvidence(run);
  const findings = evidence ? findingsIn(evidence, options.language) : [];
  return {
    format: 'fuga-diagnosis-1',
    subject: spec.name,
    seed: spec.seed,
    kernels: run.variant,
    verdict: findings.length === 0 ? 'healthy' : 'unhealthy',
    findings,
    sites: evidence ? reportSites(evidence) : [],
    loss: { first: trace.losses[0] ?? NaN, last: trace.losses.at(-1) ?? NaN },
    steps: trace.steps,
    probeShare: trace.timing.probeShare,
  };
}

interface Found {
  readonly diagnosis: Diagnosis;
  readonly symptom: Symptom;
}

/** Symptoms below this severity are no findings. */
const WORTH_TELLING = 0.05;

function findingsIn(evidence: Evidence, language: Language | undefined): Finding[] {
  const found: Found[] = [];
  for (const diagnosis of diagnoses) {
    const symptom = diagnosis.test(evidence);
    if (symptom && symptom.severity >= WORTH_TELLING) found.push({ diagnosis, symptom });
  }
  const told = found.filter((each) => !found.some((other) => hides(other, each)));
  return rootsFirst(told).map((each) => inWords(each, told, evidence, language));
}

/** The most severe first, but none before one that brings it about. */
function rootsFirst(found: readonly Found[]): Found[] {
  const left = [...found].sort((a, b) => b.symptom.severity - a.symptom.severity);
  const ordered: Found[] = [];
  while (left.length > 0) {
    const root = left.findIndex((each) => !left.some((other) => explains(other, each)));
    ordered.push(...left.splice(Math.max(0, root), 1));
  }
  return ordered;
}

function explains(cause: Found, effect: Found): boolean {
  if (cause === effect) return false;
  const { id } = cause.diagnosis;
  return (
    cause.diagnosis.leadsTo.includes(effect.diagnosis.id) || (effect.symptom.because?.includes(id) ?? false)
  );
}

function hides(cause: Found, sign: Found): boolean {
  return cause !== sign && cause.diagnosis.hides(cause.symptom).includes(sign.diagnosis.id);
}

function inWords(
  each: Found,
  told: readonly Found[],
  evidence: Evidence,
  language: Language | undefined,
): Finding {
  const { diagnosis, symptom } = each;
  const words = wordsIn(language);
  const speech: FindingWords = words.findings[diagnosis.id];
  const facts = factsIn(words.locale, symptom.evidence, symptom.names);
  const cause = told.find((other) => explains(other, each));
  return {
    id: diagnosis.id,
    title: speech.title,
    severity: symptom.severity,
    sites: symptom.sites.map((site) => evidence.sites[site]!.info.name),
    cause: { factor: symptom.factor, detail: speech.reasons[symptom.reason]!(facts) },
    message: speech.message(facts),
    advice: speech.advice(facts),
    evidence: Object.fromEntries(
      Object.entries(symptom.evidence).filter(([, value]) => Number.isFinite(value)),
    ),
    remedies: diagnosis.remedies(symptom, evidence),
    source: diagnosis.about.source ?? '',
    consequenceOf: cause ? cause.diagnosis.id : null,
  };
}

function reportSites(evidence: Evidence): SiteReport[] {
  const theory = predictedGradients(evidence);
  return evidence.sites.map((site) => {
    const { info, initial } = site;
    const band = theory[site.index]!;
    return {
      site: info.name,
      type: info.type,
      depth: info.depth,
      activation: {
        rms: measured(initial.activationRms),
        mean: measured(initial.activationMean),
        std: measured(initial.activationStd),
        saturated: saturates(site) ? measured(initial.saturated) : null,
        dead: measured(initial.dead),
      },
      gradient: {
        rms: measured(initial.gradientRms),
        norm: measured(initial.gradientNorm),
        zero: measured(initial.gradientZero),
      },
      parameters: Number.isNaN(initial.parameterNorm)
        ? null
        : {
            norm: measured(initial.parameterNorm),
            gradNorm: measured(initial.parameterGradNorm),
            updateRatio: measured(initial.updateRatio),
          },
      factor: factorOf(evidence, site, 'initial'),
      theory: band ? { gradRms: band } : null,
    };
  });
}

function saturates({ info }: SiteEvidence): boolean {
  return info.activation !== null && activations[info.activation.fn]?.saturation !== undefined;
}

/** JSON has no NaN and no infinity: what was not measured is null. */
function measured(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
