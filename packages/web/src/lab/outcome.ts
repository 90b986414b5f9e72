import type { Trial } from './clinic.svelte.js';

/** What a trial has come to, as a key into the words. */
export type Outcome = 'cured' | 'helped' | 'unproven' | 'worse' | 'running' | 'stopped' | 'failed';

/** Cured: healthy, and the loss better with its interval off zero. */
export function outcomeOf({ state, verdict }: Trial): Outcome {
  if (state === 'running' || state === 'failed') return state;
  if (!verdict) return 'stopped';
  const [low, high] = verdict.effect.ci95;
  if (low > 0) return 'worse';
  if (!(high < 0)) return 'unproven';
  return verdict.after === 'healthy' ? 'cured' : 'helped';
}
