import type { Finding } from '../diagnoses/report.js';
import { wordsIn, type Language, type RemedyId } from '../diagnoses/words/words.js';
import { isRefusal, sayRefusal, type Refusal } from '../remedies/remedy.js';
import type { RunSpec } from '../run/spec.js';
import { plain, prepare, Runs, seedsFrom, sideOf, type ProofOptions, type Side } from './compare.js';
import { costOf, effectOf, findingsOf, verdictOf, type Cost, type Effect } from './effect.js';
import { medianOf } from './statistics.js';
import { effortOf, treat } from './treat.js';
import { oneByOne, type TrialResult } from './trial.js';

/** A treatment that was tried. */
export interface TreatmentReport {
  readonly remedies: readonly RemedyId[];
  readonly verdict: 'healthy' | 'unhealthy';
  readonly findings: readonly string[];
  readonly loss: readonly (number | null)[];
  readonly metric: readonly (number | null)[];
  readonly effect: Effect;
  readonly cost: Cost;
  /** Healthy, and the loss better with its interval off zero. */
  readonly cured: boolean;
  /** It was given up after so many seeds because others did better; null where it ran on all. */
  readonly stoppedAfter: number | null;
}

/** The document that `fuga fix --json` prints; see the contract `fuga-fix-1`. */
export interface FixReport {
  readonly format: 'fuga-fix-1';
  readonly subject: string;
  readonly optimizer: string;
  readonly seeds: readonly number[];
  readonly before: {
    readonly verdict: 'healthy' | 'unhealthy';
    readonly findings: readonly string[];
    readonly loss: readonly (number | null)[];
    readonly metric: readonly (number | null)[];
  };
  /** Best first. */
  readonly trials: readonly TreatmentReport[];
  /** Remedies that do not apply, and why. */
  readonly refused: readonly { readonly remedy: RemedyId; readonly because: string }[];
  readonly best: readonly RemedyId[];
  readonly cured: boolean;
  /** The treated spec; the patient's own where nothing helped. */
  readonly spec: RunSpec;
  /** The patient and the best treatment again, under Adam: it hides weak gradients. Null where nothing was found. */
  readonly underAdam: { readonly before: Side; readonly after: Side; readonly effect: Effect } | null;
  /** rms(gradient) at each site at initialisation, before and after. */
  readonly flow: { readonly before: TrialResult['flow']; readonly after: TrialResult['flow'] | null };
  /** How the trials were run, in words. */
  readonly method: string;
}

export interface FixOptions extends ProofOptions {
  readonly language?: Language;
  /** Most remedies to try; default 12. */
  readonly most?: number;
  /** Also try pairs of the best; default true. */
  readonly pairs?: boolean;
  /** Repeat the proof under Adam; default true. */
  readonly underAdam?: boolean;
}

interface Treatment {
  readonly remedies: readonly RemedyId[];
  readonly spec: RunSpec;
  readonly results: TrialResult[];
  stoppedAfter: number | null;
}

/**
 * Tries the remedies that fit a patient's findings and proves the best.
 *
 * Every trial is paired with the patient: same seed, same data, same batch order. Successive halving saves time: all
 * treatments run on the first seed, the better half (but at least four) on half of the seeds, the better half of
 * those (but at least two) on all. Then pairs of the best go the same way; where a single remedy cures, only those
 * pairs that are clearly better on the first seed go on. Among cures that come close to the best, the simplest wins.
 */
export async function fix(input: unknown, options: FixOptions = {}): Promise<FixReport> {
  const patient = prepare(input, options);
  const seeds = seedsFrom(patient.seed, options.seeds ?? 5);
  const runs = new Runs(options.runTrial ?? oneByOne(), options.onTrial);
  const before = await runs.all('before', patient, seeds);
  const findings = unite(before);
  const ids = [...new Set(findings.flatMap(({ remedies }) => remedies))];
  const refused: { remedy: RemedyId; refusal: Refusal }[] = [];
  const ready: Treatment[] = [];
  for (const id of ids) {
    if (ready.length >= (options.most ?? 12)) break;
    const spec = treat(patient, [id], { ...(options.data ? { data: options.data } : {}), findings });
    if (isRefusal(spec)) refused.push({ remedy: id, refusal: spec });
    else ready.push({ remedies: [id], spec, results: [], stoppedAfter: null });
  }
  await halve(ready, before, seeds, runs);
  const tried = [...ready];
  if (options.pairs !== false) {
    const pairs = pairUp(tried, patient, before, findings, options);
    const cure = rank(tried, before, seeds).find((each) => cures(each, before, seeds));
    await halve(pairs, before, seeds, runs, cure);
    tried.push(...pairs);
  }
  const ranked = rank(tried, before, seeds);
  const [best] = ranked.filter((each) => helps(each, before, seeds));
  const words = wordsIn(options.language);
  return {
    format: 'fuga-fix-1',
    subject: patient.name,
    optimizer: patient.optimizer.type,
    seeds,
    before: { ...withoutName(sideOf(patient.name, before)), findings: findingsOf(before) },
    trials: ranked.map((each) => reportOf(each, before, seeds)),
    refused: refused.map(({ remedy, refusal }) => ({
      remedy,
      because: sayRefusal(refusal, options.language),
    })),
    best: best?.remedies ?? [],
    cured: best !== undefined && cures(best, before, seeds),
    spec: best ? named(best.spec, patient, best.remedies) : patient,
    underAdam: best && options.underAdam !== false ? await againUnderAdam(patient, best, seeds, runs) : null,
    flow: { before: before[0]!.flow, after: best?.results[0]?.flow ?? null },
    method: words.method(seeds.length),
  };
}

/** Findings of all seeds, each once: those that most seeds have first. */
function unite(results: readonly TrialResult[]): Finding[] {
  const all = results.flatMap(({ findings }) => findings);
  const often = findingsOf(results);
  const rare = [...new Set(all.map(({ id }) => id as string))].filter((id) => !often.includes(id));
  return [...often, ...rare].map((id) => all.find((finding) => finding.id === id)!);
}

/** Successive halving; where a `cure` is known, only what is clearly better than it goes on behind the first seed. */
async function halve(
  all: readonly Treatment[],
  before: readonly TrialResult[],
  seeds: readonly number[],
  runs: Runs,
  cure?: Treatment,
): Promise<void> {
  const rungs = [...new Set([1, Math.ceil(seeds.length / 2), seeds.length])].filter(
    (size) => size <= seeds.length,
  );
  let left = [...all];
  for (const [rung, size] of rungs.entries()) {
    await Promise.all(
      left.map(async (each) => {
        const missing = seeds.slice(each.results.length, size);
        each.results.push(...(await runs.all(each.remedies.join(' + '), each.spec, missing)));
      }),
    );
    if (size === seeds.length) return;
    const bar = cure ? effectOf(before, cure.results.slice(0, size)).median / TIE : Infinity;
    const ordered = rank(left, before, seeds.slice(0, size));
    const most = Math.max(rung === 0 ? 4 : 2, Math.ceil(left.length / 2));
    const kept = ordered.slice(0, most).filter((each) => effectOf(before, each.results).median < bar);
    for (const each of ordered) if (!kept.includes(each)) each.stoppedAfter = size;
    left = kept;
  }
}

/** Pairs of the three best remedies that can be applied together. */
function pairUp(
  tried: readonly Treatment[],
  patient: RunSpec,
  before: readonly TrialResult[],
  findings: readonly Finding[],
  { data }: FixOptions,
): Treatment[] {
  const best = rank(
    tried,
    before,
    before.map(({ seed }) => seed),
  ).slice(0, 3);
  const pairs: Treatment[] = [];
  best.forEach((first, i) => {
    for (const second of best.slice(i + 1)) {
      const remedies = [...first.remedies, ...second.remedies];
      const spec = treat(patient, remedies, { ...(data ? { data } : {}), findings });
      if (!isRefusal(spec)) pairs.push({ remedies, spec, results: [], stoppedAfter: null });
    }
  });
  return pairs;
}

function cures(each: Treatment, before: readonly TrialResult[], seeds: readonly number[]): boolean {
  return (
    each.results.length === seeds.length &&
    verdictOf(each.results) === 'healthy' &&
    helps(each, before, seeds)
  );
}

/** Better than the patient, its interval off zero. */
function helps(each: Treatment, before: readonly TrialResult[], seeds: readonly number[]): boolean {
  return each.results.length === seeds.length && effectOf(before, each.results).ci95[1] < 0;
}

/** Share of the best effect within which two cures count as equal. */
const TIE = 0.9;

/** Best first: cures before helpers; among cures that come close to the best, the simplest; then by the effect. */
function rank(
  all: readonly Treatment[],
  before: readonly TrialResult[],
  seeds: readonly number[],
): Treatment[] {
  const judged = all.map((each) => {
    const complete = each.results.length >= seeds.length;
    const { median, ci95 } =
      each.results.length > 0 ? effectOf(before, each.results) : { median: Infinity, ci95: [0, Infinity] };
    return {
      each,
      complete,
      /** A median alone may be luck: what counts as better has its interval off zero. */
      better: complete && ci95[1]! < 0,
      healthy: verdictOf(each.results) === 'healthy',
      effect: median,
      effort: effortOf(each.remedies),
    };
  });
  const strongest = Math.min(
    0,
    ...judged.filter(({ healthy, better }) => healthy && better).map(({ effect }) => effect),
  );
  const grade = ({ complete, better, healthy, effect }: (typeof judged)[number]) => {
    if (better && healthy) return effect <= TIE * strongest ? 0 : 1;
    if (better) return 2;
    return complete && effect < 0 ? 3 : 4;
  };
  return judged
    .sort(
      (a, b) =>
        grade(a) - grade(b) ||
        (grade(a) === 0 ? a.effort - b.effort || cost(a.each, before) - cost(b.each, before) : 0) ||
        a.effect - b.effect,
    )
    .map(({ each }) => each);
}

function cost({ results }: Treatment, before: readonly TrialResult[]): number {
  return results.length > 0
    ? medianOf(results.map(({ parameters }) => parameters)) / before[0]!.parameters
    : 1;
}

function reportOf(
  each: Treatment,
  before: readonly TrialResult[],
  seeds: readonly number[],
): TreatmentReport {
  return {
    remedies: each.remedies,
    verdict: verdictOf(each.results),
    findings: findingsOf(each.results),
    loss: each.results.map(({ loss }) => plain(loss)),
    metric: each.results.map(({ metric }) => plain(metric)),
    effect: effectOf(before, each.results),
    cost: costOf(before, each.results),
    cured: cures(each, before, seeds),
    stoppedAfter: each.stoppedAfter,
  };
}

async function againUnderAdam(
  patient: RunSpec,
  best: Treatment,
  seeds: readonly number[],
  runs: Runs,
): Promise<FixReport['underAdam']> {
  const [sick, treated] = [
    treat(patient, ['adam']),
    treat(named(best.spec, patient, best.remedies), ['adam']),
  ];
  // Either is under Adam (or its like) as it stands.
  if (isRefusal(sick) || isRefusal(treated)) return null;
  const [before, after] = await Promise.all([
    runs.all('before, Adam', sick, seeds),
    runs.all(`${best.remedies.join(' + ')}, Adam`, treated, seeds),
  ]);
  return {
    before: sideOf(patient.name, before),
    after: sideOf(treated.name, after),
    effect: effectOf(before, after),
  };
}

function named(spec: RunSpec, patient: RunSpec, remedies: readonly RemedyId[]): RunSpec {
  return { ...spec, name: `${patient.name} + ${remedies.join(' + ')}` };
}

function withoutName({ name: _name, ...rest }: Side): Omit<Side, 'name'> {
  return rest;
}
