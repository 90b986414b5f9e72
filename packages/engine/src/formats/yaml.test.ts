import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../core/errors.js';
import { locate, parseSpec, SpecSyntaxError, writeSpec } from './yaml.js';

const text = `# a comment
fuga: 1
data: { source: digits, batch: 64 }
network:
  - { type: dense, out: 64 }
  - type: residual
    body:
      - { type: dense, kernel: -3 }
optimizer:
  type: sgd
`;

function faultOf(source: string): SpecSyntaxError {
  try {
    parseSpec(source);
  } catch (error) {
    if (error instanceof SpecSyntaxError) return error;
    throw error;
  }
  throw new Error('expected a SpecSyntaxError, nothing was thrown');
}

describe('parseSpec', () => {
  test('reads YAML and JSON alike', () => {
    const spec = parseSpec(text);
    expect(spec).toMatchObject({
      fuga: 1,
      data: { batch: 64 },
      network: [{ out: 64 }, { body: [{ kernel: -3 }] }],
    });
    expect(parseSpec(JSON.stringify(spec))).toEqual(spec);
    expect(parseSpec(JSON.stringify(spec, null, '\t'))).toEqual(spec);
  });

  test.each([
    ['an open bracket', 'a: 1\nb: [1,\nc: 2\n', 3, 1],
    ['a key given twice', 'a: 1\nb: 2\na: 3\n', 3, 1],
    ['a key that is a list', '? [a, b]\n: 1\n', 1, 3],
    ['an unknown tag', 'a: !!js/function "x"\n', 1, 4],
    ['two documents', 'a: 1\n---\nb: 2\n', 2, 1],
    ['an unknown anchor', 'a: 1\nb: *c\n', 1, 1],
  ])('%s: a fault with its place', (_, source, line, column) => {
    expect(faultOf(source).place).toMatchObject({ line, column });
  });

  test.each([
    ['brackets without end', '['.repeat(900_000)],
    ['dashes without end', '- '.repeat(450_000)],
    ['ever deeper lines', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}k:\n`).join('')],
    [
      'an alias bomb',
      `a: &a [x,x,x,x]\n${'bcdefghij'.replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
    ],
    ['more than a megabyte', '#'.repeat(1_000_001)],
  ])('%s: refused at once', (_, source) => {
    const start = performance.now();
    expect(faultOf(source).reason).toMatch(/nested|alias|at most/i);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('a hundred thousand keys take no minutes', () => {
    const start = performance.now();
    const keys = Array.from({ length: 80_000 }, (_, i) => `k${i}: 1\n`).join('');
    expect(Object.keys(parseSpec(keys) as object)).toHaveLength(80_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('"__proto__" is a key like any other', () => {
    const spec = parseSpec('__proto__: { polluted: 1 }') as Record<string, unknown>;
    expect(Object.keys(spec)).toEqual(['__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('any text gives data or an EngineError, and every place lies within it', () => {
    const pieces = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '&x',
      '*x',
      '#',
      '|',
      '>',
      '?',
      '!',
      '%',
      '1',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const source = parts.join('');
        try {
          parseSpec(source);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
        try {
          const { line, column } = locate(source, ['a', 0, 'a']);
          expect(line).toBeLessThanOrEqual(source.split('\n').length);
          expect(column).toBeGreaterThanOrEqual(1);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
      }),
      { seed: 7, numRuns: 3000 },
    );
  });
});

describe('locate', () => {
  test.each([
    [['network', 0, 'out'], 5, 20, 'out: 64'],
    [['network', 1, 'body', 0, 'kernel'], 8, 24, 'kernel: -3'],
    [['network', 1], 6, 5, 'type: residual'],
    [['data', 'batch'], 3, 25, 'batch: 64'],
    [['optimizer', 'lr'], 9, 1, 'optimizer:'],
    [['nothing'], 2, 1, 'fuga: 1'],
  ])('%j', (path, line, column, shown) => {
    const place = locate(text, path);
    expect(place).toMatchObject({ line, column });
    const source = text.split('\n')[place.line - 1]!;
    expect(source.slice(place.column - 1, place.column - 1 + place.length)).toBe(shown);
  });
});

test('writeSpec writes layers one a line, and parseSpec reads them back', () => {
  const spec = parseSpec(text) as object;
  const written = writeSpec(spec);
  expect(written).toContain('  - { type: dense, out: 64 }\n');
  expect(parseSpec(written)).toEqual(spec);
});
