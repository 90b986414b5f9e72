import type { DiagnosisReport } from '@fuga/engine';
import type { FlowPicture } from '../charts/flow.js';
import type { NumberFormat } from '../charts/format.js';
import { extent, SteadyRange } from '../charts/scale.js';
import type { Opened, StepRecord } from '../worker/protocol.js';
import type { Words } from '../words/en.js';
import type { Lab } from './lab.svelte.js';
import { culpritOf, probeOf, theoryOf, valueAt } from './reading.js';

/** The part of a run that its gradient-flow picture shows. */
export interface FlowSeen {
  readonly opened: Opened | null;
  readonly latest: StepRecord | null;
  readonly report: DiagnosisReport | null;
  /** The site that is looked at. */
  readonly selected: number | null;
  /** How far the backward pass that is shown layer by layer has come; null: the whole pass. */
  readonly reached: number | null;
}

/** What the lab shows of its run. */
export function seenIn({ opened, latest, current, site, backAt }: Lab): FlowSeen {
  return { opened, latest, report: current, selected: site, reached: backAt };
}

const nothing = new Float64Array();

/** The gradient-flow picture; `steady` keeps its axis from trembling between frames. */
export function flowPicture(
  { opened, latest, report, selected, reached }: FlowSeen,
  words: FlowPicture['words'],
  steady: SteadyRange = new SteadyRange(),
): FlowPicture {
  const [gradient, signal] =
    opened && latest
      ? [probeOf(opened, latest, 'gradientRms'), probeOf(opened, latest, 'activationRms')]
      : [nothing, nothing];
  const theory = opened ? theoryOf(opened, report) : [];
  return {
    gradient,
    signal,
    theory,
    inner: opened?.sites.map(({ parent }) => parent !== null) ?? [],
    culprit: opened ? culpritOf(opened, report) : null,
    selected: opened ? selected : null,
    reached,
    range: steady.fit(
      extent(
        gradient,
        signal,
        theory.flatMap((band) => band ?? []),
      ),
    ),
    words,
  };
}

/** What the picture tells of one site, under the pointer or the keyboard. */
export function tellOfSite(
  { opened, latest }: FlowSeen,
  { gradient, signal }: FlowPicture,
  site: number,
  words: Words['flow'],
  format: NumberFormat,
) {
  return {
    title: opened?.sites[site]?.name ?? '',
    lines: [
      [words.gradient, format.number(gradient[site])],
      [words.signal, format.number(signal[site])],
      [words.factor, opened ? format.number(valueAt(opened, latest, 'totalFactor', site)) : '–'],
    ] as const,
  };
}
