import { describe, expect, it } from 'vitest';
import { factsIn, wordsIn, type FindingWords } from './words.js';

/** Facts that have every number that is asked for. */
const numbers = new Proxy<Record<string, number>>({}, { get: () => 12.3 });
const names = { activation: 'sigmoid', site: '0.dense', culprit: '1.dense', last: '2.dense' };

describe.each(['en', 'pt-BR'] as const)('findings in %s', (language) => {
  const { findings, locale } = wordsIn(language);

  it('write powers of ten as powers', () => {
    for (const [id, words] of Object.entries(findings) as [string, FindingWords][]) {
      const facts = factsIn(locale, numbers, names);
      for (const say of [words.message, words.advice, ...Object.values(words.reasons)]) {
        const said = say(facts);
        expect(said, id).not.toMatch(/10\^|undefined/);
        expect(said.length, id).toBeGreaterThan(10);
      }
    }
  });

  it('say what all layers together do to the gradient', () => {
    const numbers = {
      maxSlope: 0.25,
      perLayer: 0.26,
      weights: 1.04,
      slope: 0.25,
      layers: 20,
      decadesSize: 11.7,
    };
    const { reasons } = findings.vanishing;
    const said = reasons.flatActivation(factsIn(locale, numbers, names));
    expect(said).toContain('10⁻¹²');
    expect(said).toMatch(language === 'en' ? /20 layers by 2 × 10⁻¹²\.$/ : /20 camadas por 2 × 10⁻¹²\.$/);
    // Less than a thousandfold stays a plain number.
    expect(reasons.training(factsIn(locale, { initialDecades: -0.3 }))).toContain(
      language === 'en' ? '(0.5 of' : '(0,5 do',
    );
  });
});
