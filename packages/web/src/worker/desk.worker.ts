import {
  costOf,
  describeRun,
  describeData,
  effectOf,
  isRefusal,
  locate,
  networkOf,
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
  type DataShape,
  type Finding,
  type Remedy,
  type RemedyId,
  type Run,
  type RunOptions,
  type RunSpec,
} from '@fuga/engine';
import { expose, transfer } from 'comlink';
import type { Given } from '../take/brought.js';
import type { DeskApi, Offer, TrialFrame } from './desk.protocol.js';
import type { Language, SpecInput } from './protocol.js';
import { refusal } from './refusal.js';
import { readSpecText } from './specText.js';

/** Gap between two frames of a trial: enough for a moving picture of several trials at once. */
const FRAME_MS = 50;
const shelf: Readonly<Record<string, Remedy>> = remedies;

/** What specs need beside themselves. */
let given: Given | null = null;

/** What a run of a spec is opened with. */
async function optionsFor(spec: SpecInput): Promise<Pick<RunOptions, 'data'>> {
  if (!given) return {};
  const { subjectOf } = await import('../take/given.js');
  return (await subjectOf(spec, given)).options;
}

const api: DeskApi = {
  async describe(input) {
    try {
      const options = await optionsFor(input);
      const {
        spec,
        sites,
        parameters,
        memory,
        input: shape,
        output,
      } = await describeRun(input, { exact: true, ...options });
      const layers = networkOf(spec, options.data?.shape ?? describeData(spec.data));
      return { ok: true, spec, layers, sites, parameters, memory, input: shape, output };
    } catch (error) {
      return refusal(error);
    }
  },
  parse(text) {
    try {
      return { ok: true, spec: readSpecText(text) };
    } catch (error) {
      const place = error instanceof SpecSyntaxError ? error.place : { line: 1, column: 1, length: 1 };
      return { ...refusal(error), place };
    }
  },
  write: (spec) => writeSpec(spec),
  locate: (text, path) => locate(text, path),
  offers: async (input, findings, language) => {
    const data = (await optionsFor(input)).data?.shape;
    const spec = resolveSpec(input, data);
    const wanted = findings.flatMap(({ remedies: ids }) => ids);
    return Object.values(shelf).map((remedy) => offer(remedy, spec, data, wanted, findings, language));
  },
  async treat(input, ids, findings, language) {
    const data = (await optionsFor(input)).data?.shape;
    const spec = resolveSpec(input, data);
    const result = treat(spec, ids as readonly RemedyId[], { findings, ...(data ? { data } : {}) });
    return isRefusal(result)
      ? { ok: false, reason: sayRefusal(result, language) }
      : { ok: true, spec: result };
  },
  trial: async (input, language, push) => {
    const options = await optionsFor(input);
    let losses: number[] = [];
    let last = 0;
    return runTrial(resolveSpec(input, options.data?.shape), {
      exact: true,
      ...options,
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
  give: (next) => void (given = next),
  read: async (found, context) => (await import('../take/reading.js')).readFiles(found, context),
  async takeRecording(format, { trace, written, report }) {
    const { takeOut } = await import('../take/takeOut.js');
    return takeOut(format, { trace, written, report: () => report, run: null, network: null });
  },
  layout: async (nodes) => (await import('../take/graph/layout.js')).layoutOf(nodes),
};

/** The values of the sites that are within no other. */
function outermost({ trace }: Run, values: Float64Array): Float64Array {
  return values.filter((_, site) => trace.sites[site]!.parent === null);
}

function offer(
  remedy: Remedy,
  spec: RunSpec,
  data: DataShape | undefined,
  wanted: readonly string[],
  findings: readonly Finding[],
  language: Language,
): Offer {
  const { title, why } = wordsIn(language).remedies[remedy.id];
  const rank = wanted.indexOf(remedy.id);
  const result = treat(spec, [remedy.id], { findings, ...(data ? { data } : {}) });
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
