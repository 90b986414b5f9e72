import { probeIds, profile, type Trace } from '@fuga/engine';

/**
 * The measurements of a run as CSV (RFC 4180): a row a site and recorded step, a column a probe. Numbers in full, with
 * a dot, whatever the page's language; what was not measured is left empty. One part a step, so that no text grows too
 * long for a string.
 */
export function measurements(trace: Trace): string[] {
  const head = ['step', 'loss', 'lr', 'gradNorm', 'site', 'type', 'depth', ...probeIds];
  const sites = trace.sites.map(({ name, type, depth }) => [field(name), field(type), String(depth)]);
  return [
    `${head.join(',')}\r\n`,
    ...trace.records.map((record) => {
      const step = [record.step, record.loss, record.lr, record.gradNorm].map(number);
      const columns = probeIds.map((probe) => profile(trace, probe, record));
      return sites
        .map(
          (site, s) => [...step, ...site, ...columns.map((column) => number(column[s]!))].join(',') + '\r\n',
        )
        .join('');
    }),
  ];
}

function number(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

/** Text as one field. What a table program would take for a formula is marked as text: names may come from a file. */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
