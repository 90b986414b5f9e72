import type { DiagnosisReport } from '@fuga/engine';
import type { Opened, StepRecord } from '../worker/protocol.js';

/** One probe's values at every site of a record; NaN throughout where the engine has no such probe. */
export function probeOf(opened: Opened, record: StepRecord | null, probe: string): Float64Array {
  const sites = opened.sites.length;
  const at = opened.probes.indexOf(probe) * sites;
  if (!record || at < 0) return new Float64Array(sites).fill(NaN);
  return record.values.subarray(at, at + sites);
}

/** One probe at one site of a record. */
export function valueAt(opened: Opened, record: StepRecord | null, probe: string, site: number): number {
  return probeOf(opened, record, probe)[site] ?? NaN;
}

/** The band of the theory at every site. */
export function theoryOf(opened: Opened, report: DiagnosisReport | null) {
  const bySite = new Map(report?.sites.map((site) => [site.site, site.theory?.gradRms ?? null]));
  return opened.sites.map(({ name }) => bySite.get(name) ?? null);
}

/** Index of the first culprit of the worst finding; null where all is well. */
export function culpritOf(opened: Opened, report: DiagnosisReport | null): number | null {
  const name = report?.findings[0]?.sites[0];
  const at = name === undefined ? -1 : opened.sites.findIndex((site) => site.name === name);
  return at < 0 ? null : at;
}
