import { experiments, type DiagnosisReport, type FixReport, type SiteReport } from '@fuga/engine';
import { describe, expect, test } from 'vitest';
import { experimentList, experimentPage } from '../laws/page.js';
import { terminalOf, widthOf, wrap } from '../terminal.js';
import { showNumber, showTime } from '../words/words.js';
import { drawBar } from './bar.js';
import { flowPicture } from './flow.js';
import { fixPage } from './proof.js';
import { MOST_ROWS, rowsOf } from './rows.js';
import { logScale, ticks } from './scale.js';

const plain = { color: 0, unicode: true, width: 80 };
const basic = { color: 0, unicode: false, width: 80 };

function site(name: string, rms: number | null, change: Partial<SiteReport> = {}): SiteReport {
  return {
    site: name,
    type: name.slice(name.lastIndexOf('.') + 1),
    depth: 1,
    activation: { rms: 1, mean: 0, std: 1, saturated: null, dead: null },
    gradient: { rms, norm: rms, zero: 0 },
    parameters: null,
    factor: { total: 0.5, weights: 0.5, activation: 1, normalization: 1, skip: 1 },
    theory: null,
    ...change,
  };
}

function report(sites: SiteReport[], named: readonly string[] = []): DiagnosisReport {
  const finding = {
    id: 'vanishing',
    title: 'Vanishing',
    sites: named,
  } as unknown as DiagnosisReport['findings'][number];
  return {
    format: 'fuga-diagnosis-1',
    subject: 'test',
    seed: 1,
    kernels: 'simd',
    verdict: 'unhealthy',
    findings: named.length > 0 ? [finding] : [],
    sites,
    loss: { first: 1, last: 1 },
    steps: 1,
    probeShare: 0,
  };
}

describe('the flow picture', () => {
  test('fits its width with zeros, missing, infinite and tiny gradients', () => {
    const sites = [
      site('0.dense', 0),
      site('1.dense', null),
      site('2.dense', 1e-45),
      site('3.residual', Infinity, { theory: { gradRms: [1e-3, 1e-2, 1e-1] } }),
      site('3.residual/0.a-layer-with-a-very-long-name-indeed', 1e3),
    ];
    for (const terminal of [plain, basic, { ...plain, width: 48 }, { ...plain, width: 100 }]) {
      const lines = flowPicture(report(sites, ['2.dense']), terminal, 'en', { all: false });
      for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(terminal.width);
      expect(lines.filter((line) => /2\.dense/.test(line))[0]).toMatch(/^[▶>] /);
      expect(lines.join('\n')).toContain('1.0e-45');
      if (!terminal.unicode) expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
    }
  });

  test('the shade of theory lies where its band is', () => {
    const scale = logScale([1e-8, 1], 40);
    const draw = (value: number, band: [number, number]) => drawBar({ value, band, hue: 37 }, scale, plain);
    expect(draw(1e-4, [1e-3, 1e-2])).toMatch(/^█+[▏▎▍▌▋▊▉]?\s+░+\s*$/); // too weak: a gap
    expect(draw(1e-2, [1e-3, 1e-1])).toMatch(/^█+▓+[▏▎▍▌▋▊▉]?░+\s*$/); // as expected
    expect(draw(1e-1, [1e-5, 1e-4])).toMatch(/^█+▓+█+[▏▎▍▌▋▊▉]?\s*$/); // too strong
  });

  test('a scale shows whole decades, and its labels do not touch', () => {
    const scale = logScale([3e-34, 0.02], 44);
    expect(scale.low).toBeLessThanOrEqual(-34);
    expect(scale.high).toBe(-1);
    const places = ticks(scale).map((decade) => scale.at(10 ** decade));
    places.slice(1).forEach((place, i) => expect(place - places[i]!).toBeGreaterThanOrEqual(8));
    expect(logScale([], 40).at(1)).toBeGreaterThan(0);
  });
});

describe('folding', () => {
  const chain = (count: number) => Array.from({ length: count }, (_, i) => site(`${i}.dense`, 2 ** -i));

  test('few sites have a line each', () => {
    expect(rowsOf(report(chain(MOST_ROWS)), { all: false })).toHaveLength(MOST_ROWS);
  });

  test.each([41, 100, 1000, 10_000])('%i sites fit a screen; culprit and ends keep their lines', (count) => {
    const culprit = `${Math.floor(count / 3)}.dense`;
    const rows = rowsOf(report(chain(count), [culprit]), { all: false });
    expect(rows.length).toBeLessThanOrEqual(MOST_ROWS);
    expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(count);
    expect(rows.find((row) => row.culprit)).toMatchObject({ name: culprit, count: 1 });
    expect([rows[0]!.name, rows.at(-1)!.name]).toEqual(['0.dense', `${count - 1}.dense`]);
    const group = rows.find((row) => row.count > 1)!;
    expect(group.name).toMatch(/^\d+–\d+ dense$/);
    expect(group.factor).toBeCloseTo(0.5, 10);
    expect(rowsOf(report(chain(count)), { all: true })).toHaveLength(count);
  });

  test('blocks fold their layers, but for the one with the culprit', () => {
    const blocks = Array.from({ length: 20 }, (_, i) => [
      site(`${i}.residual`, 1),
      site(`${i}.residual/0.conv2d`, 1),
      site(`${i}.residual/1.batchNorm`, 1),
    ]).flat();
    const rows = rowsOf(report(blocks, ['7.residual/1.batchNorm', '9.residual/0.conv2d']), { all: false });
    expect(rows).toHaveLength(22);
    expect(rows.filter(({ indent }) => indent === 1).map(({ name }) => name)).toEqual([
      '0.conv2d',
      '1.batchNorm',
    ]);
    expect(rows.find(({ name }) => name === '9.residual')!.named).toBe(true);
    expect(rows.find(({ name }) => name === '8.residual')!.named).toBe(false);
  });
});

describe('words', () => {
  test.each([
    [6.4e-34, '6.4e-34'],
    [0.00012, '1.2e-4'],
    [0.0047, '0.0047'],
    [0.188, '0.188'],
    [12.34, '12.3'],
    [1234.5, '1235'],
    [1e45, '1.0e45'],
    [0, '0'],
    [null, '–'],
    [NaN, '–'],
    [Infinity, '∞'],
  ])('%s is written %s', (value, text) => {
    expect(showNumber(value)).toBe(text);
    expect(showNumber(value, 'pt-BR')).toBe(text.replace('.', ','));
  });

  test('times', () => {
    expect([0.5, 3.94, 350, 1234, 100_000, 9_000_000].map((ms) => showTime(ms))).toEqual([
      '0.50 ms',
      '3.9 ms',
      '350 ms',
      '1.2 s',
      '2 min',
      '2.5 h',
    ]);
  });

  test('text wraps at words', () => {
    expect(wrap('one two  three', 7)).toEqual(['one two', 'three']);
    expect(wrap('', 7)).toEqual([]);
  });
});

describe('the terminal', () => {
  const tty = { isTTY: true, columns: 120, getColorDepth: () => 8 };
  test.each([
    ['a terminal', tty, {}, {}, 8],
    ['NO_COLOR', tty, {}, { NO_COLOR: '1' }, 0],
    ['--no-color', tty, { color: false }, {}, 0],
    ['TERM=dumb', tty, {}, { TERM: 'dumb' }, 0],
    ['a pipe', { columns: undefined }, {}, {}, 0],
    ['FORCE_COLOR', {}, {}, { FORCE_COLOR: '1' }, 8],
  ])('%s', (_, output, flags, env, color) => {
    expect(terminalOf(output, flags, env).color).toBe(color);
  });

  test('signs follow the locale, widths their bounds', () => {
    expect(terminalOf({}, {}, { LANG: 'pt_BR.UTF-8' }).unicode).toBe(true);
    expect(terminalOf({}, {}, { LANG: 'en_US.UTF-8', LC_ALL: 'C' }).unicode).toBe(false);
    expect(terminalOf({}, {}, { COLUMNS: '300' }).width).toBe(100);
    expect(terminalOf({ columns: 10 }).width).toBe(48);
  });
});

describe('experiments in a terminal without Unicode', () => {
  const shelf = Object.values(experiments);
  const outcome = {
    checks: [{ name: 'σ_w² of ‖h‖', predicted: 1, measured: 1, low: 0.9, high: 1.1 }],
    picture: {
      x: { label: 'χ₁', scale: 'linear' as const },
      y: { label: '√γ', scale: 'linear' as const },
      curves: [{ label: 'W Wᵀ', kind: 'measured' as const, points: [[0, 1] as const, [1, 2] as const] }],
    },
  };

  test.each(shelf.map(({ id }) => id))('%s is all ASCII, in both languages', (id) => {
    const result = { id, seed: 1, seconds: 1, holds: true, outcome };
    for (const language of ['en', 'pt-BR'] as const) {
      const page = experimentPage(result as unknown as Parameters<typeof experimentPage>[0], basic, language);
      expect([...page].filter((sign) => sign !== '\n' && (sign < ' ' || sign > '~'))).toEqual([]);
    }
  });

  test('so is their list, and colours stay', () => {
    const list = experimentList(shelf, basic, 'pt-BR');
    expect([...list].filter((sign) => sign !== '\n' && (sign < ' ' || sign > '~'))).toEqual([]);
    const page = experimentPage(
      { id: 'linearRnn', seed: 1, seconds: 1, holds: true, outcome } as unknown as Parameters<
        typeof experimentPage
      >[0],
      { ...basic, color: 4 },
      'en',
    );
    expect(page).toContain('\x1b[');
  });
});

test('a network that was never sick is told so by fix, not that nothing helped', () => {
  const report = {
    subject: 'sound',
    optimizer: 'sgd',
    seeds: [1, 2],
    before: { verdict: 'healthy', findings: [], loss: [1, 1], metric: [1, 1] },
    trials: [],
    refused: [],
    best: [],
    cured: false,
    underAdam: null,
    flow: { before: [], after: null },
    method: '',
  } as unknown as FixReport;
  expect(fixPage(report, plain, 'en', null)).toContain('✓ healthy: nothing to cure');
  expect(fixPage(report, plain, 'pt-BR', null)).toContain('✓ saudável: nada a curar');
});
