// The tour's chapters, without a browser: what there is to try can be done, and every formula and term is in order.
import { evaluate, openRun, probeIds, train } from '@fuga/engine';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { Chapter, Reading, Setting } from '../packages/web/src/learn/chapter.js';
import { chapters } from '../packages/web/src/learn/chapters/index.js';
import { formulas, termOfFinding } from '../packages/web/src/learn/glossary/formulas.js';
import { glossary } from '../packages/web/src/learn/glossary/glossary.js';
import { partsOf } from '../packages/web/src/learn/rich.js';
import { linked } from '../packages/web/src/learn/sources.js';
import type { Opened } from '../packages/web/src/worker/protocol.js';

/** Trains a chapter's network and says after how many steps its goal was reached; null where it was not. */
async function reachedAfter(
  { spec, reached }: Chapter,
  setting: Setting,
  steps: number,
): Promise<number | null> {
  const run = await openRun({ fuga: 1, seed: 1, ...spec(setting) }, { exact: true, every: 1 });
  const opened = { sites: run.trace.sites, probes: probeIds } as unknown as Opened;
  let score: number | null = null;
  for (const { step, loss } of train(run)) {
    const record = run.trace.records.at(-1)!;
    if (step % 60 === 1) score = evaluate(run).metric;
    const walking = Object.values(record.details ?? {}).find(({ states }) => Object.keys(states).length > 0);
    const reading: Reading = { opened, record, loss, walks: walking?.states ?? {}, score };
    if (reached(reading, setting)) return step;
    if (step >= steps) return null;
  }
  return null;
}

/** What a reader can turn to reach each chapter's goal; the first is tried. */
const cures: Readonly<Record<string, readonly Setting[]>> = {
  chainRule: [{ depth: 4 }, { activation: 'tanh' }],
  firstWeights: [{ spread: 1.15 }],
  rectifier: [{ init: 'heNormal' }],
  deadUnits: [{ rate: 0.002 }],
  explosion: [{ clip: true }],
  norms: [{ activation: 'sigmoid' }],
  shortcuts: [{ depth: 90 }],
  throughTime: [{ recurrent: 'orthogonal' }, { length: 10 }],
  gates: [{ forgetBias: 3 }],
  attention: [{ norm: 'pre' }],
  slices: [{ activation: 'relu', norm: 'batch', skip: true }],
  boxesAndWords: [{ network: 'recurrent' }, { network: 'bareDetector' }],
};

describe('what there is to try', () => {
  it.each(chapters)('in $id is not done at the start, and can be done', async (chapter) => {
    expect(await reachedAfter(chapter, chapter.start, 80)).toBeNull();
    for (const cure of cures[chapter.id]!) {
      const steps = await reachedAfter(chapter, { ...chapter.start, ...cure }, 500);
      expect(steps, JSON.stringify(cure)).not.toBeNull();
    }
  });

  it('cannot be had from norm, depth or shortcuts alone where the text says so', async () => {
    const norms = chapters.find(({ id }) => id === 'norms')!;
    const layerNorm = { ...norms.start, activation: 'sigmoid', norm: 'layer' };
    expect(await reachedAfter(norms, layerNorm, 300), 'layer norm keeps sigmoids flat').toBeNull();
    const shortcuts = chapters.find(({ id }) => id === 'shortcuts')!;
    expect(await reachedAfter(shortcuts, { skip: false, depth: 90 }, 300)).toBeNull();
    const attention = chapters.find(({ id }) => id === 'attention')!;
    expect(
      await reachedAfter(attention, { ...attention.start, warmup: true }, 400),
      'a warm-up does not mend this one',
    ).toBeNull();
  });
});

const require = createRequire(new URL('../packages/web/package.json', import.meta.url));
const katex = require('katex') as {
  renderToString(tex: string, options: Record<string, unknown>): string;
};
/** Commands for which KaTeX writes style attributes, which the page's policy refuses. */
const refused = /\\(vec|boxed|fbox|fcolorbox|colorbox|color|textcolor|pmb|phase|cancel|html\w+)\b/;

function texOf(text: string): string[] {
  return partsOf(text).flatMap((part) => (part.kind === 'formula' ? [part.text] : []));
}

describe('the words of the tour', () => {
  it('hold formulas that KaTeX sets without complaint', () => {
    const inWords = chapters.flatMap(({ words }) =>
      [words.en, words['pt-BR']].flatMap(({ text, question, why, goal, reached }) =>
        [...text, question, why, goal, reached].flatMap(texOf),
      ),
    );
    const all = [
      ...inWords,
      ...chapters.flatMap((chapter) => chapter.formulas),
      ...Object.values(formulas).flatMap(({ tex }) => tex ?? []),
    ];
    expect(all.length).toBeGreaterThan(60);
    for (const tex of all) {
      expect(tex).not.toMatch(refused);
      expect(() => katex.renderToString(tex, { throwOnError: true, strict: 'error' }), tex).not.toThrow();
    }
  });

  it('name only terms that the glossary has, and explain every finding', async () => {
    for (const { id, words } of chapters) {
      for (const { text } of [words.en, words['pt-BR']]) {
        const marks = text.join(' ').match(/\[\[\w+\|/g) ?? [];
        const terms = text.flatMap((paragraph) => partsOf(paragraph).filter(({ kind }) => kind === 'term'));
        expect(terms.length, id).toBe(marks.length);
      }
    }
    const { diagnoses } = await import('@fuga/engine');
    for (const finding of Object.keys(diagnoses)) {
      const term = termOfFinding(finding);
      expect(term, finding).not.toBeNull();
      for (const language of ['en', 'pt-BR'] as const) {
        expect(glossary(language)[term!].text.length).toBeGreaterThan(20);
      }
    }
  });

  it('link arXiv numbers and DOIs, and nothing else', () => {
    expect(linked('He et al. 2015, arXiv:1502.01852, §2.2')).toEqual([
      { text: 'He et al. 2015, ', href: null },
      { text: 'arXiv:1502.01852', href: 'https://arxiv.org/abs/1502.01852' },
      { text: ', §2.2', href: null },
    ]);
    expect(linked('1997, doi:10.1162/neco.1997.9.8.1735, §4')[1]).toEqual({
      text: 'doi:10.1162/neco.1997.9.8.1735',
      href: 'https://doi.org/10.1162/neco.1997.9.8.1735',
    });
    expect(linked('javascript:alert(1) http://example.org')).toEqual([
      { text: 'javascript:alert(1) http://example.org', href: null },
    ]);
  });
});
