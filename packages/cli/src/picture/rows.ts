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
  const all = new Set(sites.map(({ site }) => site));
  const single = (site: SiteReport): Row => ({
    ...placeOf(site.site, all),
    gradient: site.gradient.rms,
    factor: site.factor.total,
    band: bandOf(site),
    culprit: site.site === culprit,
    named: named.has(site.site),
    count: 1,
  });
  if (options.all || sites.length <= MOST_ROWS) return sites.map(single);

  // What lies within a block is folded into it, but for the block that holds the culprit.
  const home = culprit?.split('/')[0];
  const shown = sites.filter(
    ({ site }) => placeOf(site, all).indent === 0 || (home && site.startsWith(`${home}/`)),
  );
  const outer = (site: SiteReport): Row => {
    const row = single(site);
    const within = `${site.site}/`;
    return { ...row, named: row.named || [...named].some((each) => each.startsWith(within)) };
  };
  if (shown.length <= MOST_ROWS) return shown.map(outer);

  const alone = new Set<number>();
  for (let i = 0; i < ENDS; i++) alone.add(i).add(shown.length - 1 - i);
  const at = shown.findIndex(({ site }) => site === culprit);
  if (at >= 0) for (const i of [at - 1, at, at + 1]) if (i >= 0 && i < shown.length) alone.add(i);
  const size = Math.ceil((shown.length - alone.size) / (FOLDED_ROWS - alone.size));
  const rows: Row[] = [];
  for (let from = 0; from < shown.length;) {
    let to = from + 1;
    if (!alone.has(from)) while (to < shown.length && to - from < size && !alone.has(to)) to++;
    rows.push(to - from === 1 ? outer(shown[from]!) : group(shown.slice(from, to), named));
    from = to;
  }
  return rows;
}

function group(sites: readonly SiteReport[], named: ReadonlySet<string>): Row {
  const bands = sites.map(bandOf).filter((band) => band !== null);
  const types = new Set(sites.map(({ type }) => type));
  const [first, last] = [sites[0]!, sites.at(-1)!];
  // Names from a network's file have no numbers to be shortened to.
  const place = (name: string) =>
    name.startsWith('/') ? name.slice(1) : name.split('/').map(indexOf).join('/');
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

/**
 * How a site is called under the sites that contain it: `3.residual/1.conv2d` is `1.conv2d`, one level in. Steps that
 * are no sites themselves (blocks) stay, by their number: `2/0.conv2d`. Names from a network's file are kept whole.
 */
function placeOf(site: string, all: ReadonlySet<string>): { name: string; indent: number } {
  if (site.startsWith('/')) return { name: site.slice(1), indent: 0 };
  const steps = site.split('/');
  const containers = steps.map((_, i) => steps.slice(0, i).join('/')).filter((path) => all.has(path));
  const from = containers.at(-1)?.split('/').length ?? 0;
  const name = [...steps.slice(from, -1).map(indexOf), steps.at(-1)!].join('/');
  return { name, indent: containers.length };
}

/** `3` of `3.residual`. */
function indexOf(step: string): string {
  return step.replace(/\..*/, '');
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
