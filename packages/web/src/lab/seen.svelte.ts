import type { DiagnosisReport, SiteDetails, SitePicture } from '@fuga/engine';
import type { LabFrame, Opened, Refusal, Reply, StepRecord, Surface } from '../worker/protocol.js';
import { emptyHistory, grow, type History } from './history.js';

/**
 * What is seen of a run: what its frames have brought so far. Raw state, replaced frame by frame, never changed in
 * place.
 */
export class Seen {
  opened = $state.raw<Opened | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  history = $state.raw<History>(emptyHistory);
  frame = $state.raw<LabFrame | null>(null);
  report = $state.raw<DiagnosisReport | null>(null);
  spread = $state.raw<LabFrame['spread']>(null);
  details = $state.raw<Readonly<Record<number, SiteDetails>> | null>(null);
  picture = $state.raw<SitePicture | null>(null);
  surface = $state.raw<Surface | null>(null);
  /** What the network says of what it is asked. */
  reply = $state.raw<Reply | null>(null);
  playing = $state(false);
  /** How far the backward pass that is shown layer by layer has come; null: the whole pass is shown. */
  backAt = $state<number | null>(null);

  /** Name of the site under the microscope; null: the worst one. */
  protected chosen = $state<string | null>(null);
  /** The run that the report is about: the last one's stays to be read until the next is there. */
  #reported = $state(0);

  readonly latest = $derived<StepRecord | null>(this.history.records.at(-1) ?? null);
  /** The report of the run that is seen, or null while it is still being measured, or cannot be. */
  readonly current = $derived(this.#reported === this.opened?.run && !this.refusal ? this.report : null);
  readonly ended = $derived(this.frame?.ended ?? null);
  /** Index of the site under the microscope. */
  readonly site = $derived.by(() => {
    const name = this.chosen ?? this.current?.findings[0]?.sites[0] ?? null;
    return Math.max(0, this.opened?.sites.findIndex((site) => site.name === name) ?? 0);
  });

  /** The whole backward pass again. */
  showWhole(): void {
    this.backAt = null;
  }

  /** Another run begins. The last one's numbers stay until there are new ones. */
  protected turnTo(opened: Opened): void {
    this.clear();
    this.refusal = null;
    this.opened = opened;
  }

  /** There is no run, and nothing to be seen of any. */
  protected forget(): void {
    this.clear();
    this.opened = null;
    this.frame = null;
    this.report = null;
  }

  protected clear(): void {
    this.#reported = 0;
    this.history = emptyHistory;
    this.details = null;
    this.spread = null;
    this.picture = null;
    this.surface = null;
    this.reply = null;
    this.backAt = null;
  }

  /** The same run from its start. */
  protected rewind(): void {
    this.history = emptyHistory;
  }

  /** The backward pass comes one layer nearer to the input; from there it starts anew. */
  protected goBack(): void {
    const sites = this.opened?.sites ?? [];
    let at = (this.backAt ?? sites.length) - 1;
    while (at >= 0 && sites[at]!.parent !== null) at--; // what is inside another site comes with it
    const last = sites.findLastIndex(({ parent }) => parent === null);
    this.backAt = at >= 0 ? at : last >= 0 ? last : null;
  }

  /** Takes up a frame; whether it was one of the run that is seen. */
  protected takeUp(frame: LabFrame): boolean {
    if (frame.run !== this.opened?.run) return false;
    this.history = grow(this.history, frame);
    this.frame = frame;
    if (frame.report) {
      this.report = frame.report;
      this.#reported = frame.run;
    }
    if (frame.details) this.details = frame.details;
    if (frame.spread) this.spread = frame.spread;
    if (frame.picture) this.picture = frame.picture;
    if (frame.surface) this.surface = frame.surface;
    if (frame.reply) this.reply = frame.reply;
    if (frame.ended) this.playing = false;
    return true;
  }
}
