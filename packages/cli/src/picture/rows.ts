import type { DiagnosisReport, SiteReport } from '@fuga/engine';

/** One line of the picture: a site, or a run of neighbouring sites that were folded. */
export interface Row {
  readonly name: string;
  /** How deep it lies within blocks. */
  readonly indent: number;
  /** rms of the gradient; the geometric mean of a group; null where none was measured. */
  readonly gradient: number | null;
  readonly factor: number | null;
  readonly band: readonly [number, number] | null;
  readonly culprit: boolean;
  /** Whether a finding names it. */
  readonly named: boolean;
  /** Sites in it. */
  readonly count: number;
}

/** More sites than this are folded, so that the picture fits on a screen. */
export const MOST_ROWS = 40;
/** Rows of a folded picture. */
const FOLDED_ROWS = 28;
/** Sites at either end that keep a line of their own. */
const ENDS = 3;

/** The lines of a report's picture, from the input to the output. */
export function rowsOf(report: DiagnosisReport, options: { readonly all: boolean }): Row[] {
  const { sites, findings } = report;
  const culprit = findings[0]?.sites[0] ?? null;
  const named = new Set(findings.flatMap((finding) => finding.sites));
  const single = (site: SiteReport): Row => ({
    name: lastName(site.site),
    indent: levelOf(site.site),
    gradient: site.gradient.rms,
    factor: site.factor.total,
    band: bandOf(site),
    culprit: site.site === culprit,
    named: named.has(site.site),
    count: 1,
  });
  if (options.all || sites.length <= MOST_ROWS) return sites.map(single);

  const alone = new Set<number>();
  for (let i = 0; i < ENDS; i++) alone.add(i).add(sites.length - 1 - i);
  const at = sites.findIndex(({ site }) => site === culprit);
  if (at >= 0) for (const i of [at - 1, at, at + 1]) if (i >= 0 && i < sites.length) alone.add(i);
  const size = Math.ceil((sites.length - alone.size) / (FOLDED_ROWS - alone.size));
  const rows: Row[] = [];
  for (let from = 0; from < sites.length;) {
    if (alone.has(from)) {
      rows.push(single(sites[from++]!));
      continue;
    }
    let to = from + 1;
    while (to < sites.length && to - from < size && !alone.has(to)) to++;
    rows.push(group(sites.slice(from, to), named));
    from = to;
  }
  return rows;
}

function group(sites: readonly SiteReport[], named: ReadonlySet<string>): Row {
  if (sites.length === 1) {
    const [site] = sites as [SiteReport];
    return { ...group([site, site], named), name: lastName(site.site), count: 1 };
  }
  const bands = sites.map(bandOf).filter((band) => band !== null);
  const types = new Set(sites.map(({ type }) => type));
  const [first, last] = [sites[0]!, sites.at(-1)!];
  const short = (name: string) => lastName(name).replace(/\..*/, '');
  const place = (name: string) =>
    name.includes('/') ? `${name.split('/').slice(0, -1).map(short).join('/')}/${short(name)}` : short(name);
  return {
    name: `${place(first.site)}–${place(last.site)}${types.size === 1 ? ` ${first.type}` : ''}`,
    indent: 0,
    gradient: geometricMean(sites.map(({ gradient }) => gradient.rms)),
    factor: geometricMean(sites.map(({ factor }) => factor.total)),
    band:
      bands.length === sites.length
        ? [geometricMean(bands.map(([low]) => low))!, geometricMean(bands.map(([, high]) => high))!]
        : null,
    culprit: false,
    named: sites.some(({ site }) => named.has(site)),
    count: sites.length,
  };
}

/** A spec's sites are `3.residual/1.conv2d`; names that a network's file gave start with `/` and are kept whole. */
function lastName(site: string): string {
  return site.startsWith('/') ? site.slice(1) : site.slice(site.lastIndexOf('/') + 1);
}

/** How deep a site lies within blocks. */
function levelOf(site: string): number {
  return site.startsWith('/') ? 0 : site.split('/').length - 1;
}

function bandOf({ theory }: SiteReport): readonly [number, number] | null {
  return theory && [theory.gradRms[0], theory.gradRms[2]];
}

/** Over the values that are there and above 0; 0 where all are 0. */
function geometricMean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (known.length === 0) return null;
  const positive = known.filter((value) => value > 0);
  if (positive.length === 0) return 0;
  return Math.exp(positive.reduce((sum, value) => sum + Math.log(value), 0) / positive.length);
}
