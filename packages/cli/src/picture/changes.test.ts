import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changes } from './changes.js';

test('what is shared is left out', () => {
  expect(changes('a\nb\nc\nd', 'a\nx\nc\nd\ne')).toEqual([
    { sign: '-', line: 'b' },
    { sign: '+', line: 'x' },
    { sign: '+', line: 'e' },
  ]);
  expect(changes('same\ntext', 'same\ntext')).toEqual([]);
});

test('the changes account for every line of both texts', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const found = changes(before, after);
      const count = (sign: string) => found.filter((change) => change.sign === sign).length;
      const [a, b] = [before.split('\n').length, after.split('\n').length];
      expect(a - count('-')).toBe(b - count('+'));
      // Applying them gives the new text.
      const shared: string[] = before.split('\n');
      for (const { sign, line } of found) if (sign === '-') shared.splice(shared.indexOf(line), 1);
      const sorted = [...shared, ...found.flatMap(({ sign, line }) => (sign === '+' ? [line] : []))].sort();
      expect(sorted).toEqual(after.split('\n').sort());
    }),
    { seed: 5, numRuns: 500 },
  );
});
