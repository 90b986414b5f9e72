import {
  costOf,
  describeRun,
  describeData,
  effectOf,
  isRefusal,
  locate,
  networkOf,
  parseSpec,
  profile,
  remedies,
  resolveSpec,
  runTrial,
  sayRefusal,
  SpecSyntaxError,
  treat,
  verdictOf,
  wordsIn,
  writeSpec,
  type Finding,
  type Remedy,
  type RemedyId,
  type Run,
  type RunSpec,
} from '@fuga/engine';
import { expose, transfer } from 'comlink';
import type { DeskApi, Offer, TrialFrame } from './desk.protocol.js';
import type { Language, SpecInput } from './protocol.js';
import { refusal } from './refusal.js';

/** Gap between two frames of a trial: enough for a moving picture of several trials at once. */
const FRAME_MS = 50;
const shelf: Readonly<Record<string, Remedy>> = remedies;

const api: DeskApi = {
  async describe(input) {
    try {
      const {
        spec,
        sites,
        parameters,
        memory,
        input: shape,
        output,
      } = await describeRun(input, { exact: true });
      const layers = networkOf(spec, describeData(spec.data));
      return { ok: true, spec, layers, sites, parameters, memory, input: shape, output };
    } catch (error) {
      return refusal(error);
    }
  },
  parse(text) {
    try {
      const spec = parseSpec(text);
      if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
        throw new SpecSyntaxError('expected a mapping with the keys fuga, data, network …', {
          line: 1,
          column: 1,
          length: 1,
        });
      }
      return { ok: true, spec: spec as SpecInput };
    } catch (error) {
      const place = error instanceof SpecSyntaxError ? error.place : { line: 1, column: 1, length: 1 };
      return { ...refusal(error), place };
    }
  },
  write: (spec) => writeSpec(spec),
  locate: (text, path) => locate(text, path),
  offers: (input, findings, language) => {
    const spec = resolveSpec(input);
    const wanted = findings.flatMap(({ remedies: ids }) => ids);
    return Object.values(shelf).map((remedy) => offer(remedy, spec, wanted, findings, language));
  },
  treat(input, ids, findings, language) {
    const result = treat(resolveSpec(input), ids as readonly RemedyId[], { findings });
    return isRefusal(result)
      ? { ok: false, reason: sayRefusal(result, language) }
      : { ok: true, spec: result };
  },
  trial: (input, language, push) => {
    let losses: number[] = [];
    let last = 0;
    return runTrial(resolveSpec(input), {
      exact: true,
      language,
      onStep: (run, { step, loss }) => {
        losses.push(loss);
        const now = performance.now();
        if (now - last < FRAME_MS && step < run.spec.steps && !run.trace.stopped) return;
        last = now;
        const record = run.trace.records.at(-1);
        const frame: TrialFrame = {
          step,
          steps: run.spec.steps,
          losses: Float32Array.from(losses),
          gradient: record ? outermost(run, profile(run.trace, 'gradientRms', record)) : new Float64Array(),
        };
        losses = [];
        push(transfer(frame, [frame.losses.buffer as ArrayBuffer, frame.gradient.buffer as ArrayBuffer]));
      },
    });
  },
  judge: (before, after) => ({
    effect: effectOf(before, after),
    cost: costOf(before, after),
    before: verdictOf(before),
    after: verdictOf(after),
  }),
};

/** The values of the sites that are within no other. */
function outermost({ trace }: Run, values: Float64Array): Float64Array {
  return values.filter((_, site) => trace.sites[site]!.parent === null);
}

function offer(
  remedy: Remedy,
  spec: RunSpec,
  wanted: readonly string[],
  findings: readonly Finding[],
  language: Language,
): Offer {
  const { title, why } = wordsIn(language).remedies[remedy.id];
  const rank = wanted.indexOf(remedy.id);
  const result = treat(spec, [remedy.id], { findings });
  return {
    id: remedy.id,
    title,
    why,
    does: remedy.about.does,
    source: remedy.about.source ?? '',
    effort: remedy.effort,
    rank: rank < 0 ? null : rank,
    refused: isRefusal(result) ? sayRefusal(result, language) : null,
  };
}

expose(api);
