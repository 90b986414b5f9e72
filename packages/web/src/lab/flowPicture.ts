import type { FlowPicture } from '../charts/flow.js';
import { extent, SteadyRange } from '../charts/scale.js';
import type { Lab } from './lab.svelte.js';
import { culpritOf, probeOf, theoryOf } from './reading.js';

const nothing = new Float64Array();

/** The gradient-flow picture of what the lab shows; `steady` keeps its axis from trembling between frames. */
export function flowPicture(
  lab: Lab,
  words: FlowPicture['words'],
  steady: SteadyRange = new SteadyRange(),
): FlowPicture {
  const { opened, latest, current } = lab;
  const [gradient, signal] =
    opened && latest
      ? [probeOf(opened, latest, 'gradientRms'), probeOf(opened, latest, 'activationRms')]
      : [nothing, nothing];
  const theory = opened ? theoryOf(opened, current) : [];
  return {
    gradient,
    signal,
    theory,
    inner: opened?.sites.map(({ parent }) => parent !== null) ?? [],
    culprit: opened ? culpritOf(opened, current) : null,
    selected: opened ? lab.site : null,
    reached: lab.backAt,
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
