import { expect, test } from 'vitest';
import { kinds } from './commands/list.js';
import { itemsOf, listPage } from './shelves.js';

const plain = { color: 0, unicode: true, width: 80 };

test('every shelf is listed, with something said of each item', () => {
  for (const kind of kinds) {
    const items = itemsOf(kind);
    expect(items.length, kind).toBeGreaterThan(3);
    for (const { id, does } of items) expect(does, `${kind} ${id}`).not.toBe('');
  }
});

test('what a layer takes is told with its defaults', () => {
  const conv = itemsOf('layers').find(({ id }) => id === 'conv2d')!;
  expect(conv.options!.find(({ name }) => name === 'out')).toMatchObject({ required: true });
  expect(conv.options!.find(({ name }) => name === 'kernel')).toMatchObject({ required: false, fallback: 3 });
  const page = listPage([conv], plain, true).replace(/\s+/g, ' ');
  expect(page).toContain(
    'options: out, kernel (3), stride (1), padding (same; valid), dilation (1), groups (1)',
  );
  expect(listPage([conv], plain, false)).not.toContain('options:');
});

test('so are losses, optimizers, models and data sets', () => {
  const optionsOf = (kind: (typeof kinds)[number], name: string) =>
    itemsOf(kind)
      .find(({ id }) => id === name)!
      .options!.map((option) => option.name);
  expect(optionsOf('losses', 'crossEntropy')).toEqual(['labelSmoothing', 'classWeights']);
  expect(optionsOf('optimizers', 'sgd')).toContain('momentum');
  expect(optionsOf('models', 'mlp')).toContain('depth');
  expect(optionsOf('datasets', 'adding')).toContain('length');
});
