import { resolveSpec, type LayerSpec } from '@fuga/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connect,
  insert,
  layerAt,
  listAt,
  move,
  remove,
  unwrap,
  wrap,
  type Path,
} from '../packages/web/src/lab/layers.js';

const leaf = (out: number): LayerSpec => ({ type: 'dense', out });
const network: LayerSpec[] = [leaf(1), { type: 'residual', body: [leaf(2), leaf(3)] }, leaf(4)];
const outs = (list: readonly LayerSpec[]): unknown[] =>
  list.map((layer) => (layer['body'] ? outs(layer['body'] as LayerSpec[]) : layer['out']));

describe('editing layers', () => {
  it('moves across lists, counting places before the move', () => {
    expect(outs(move(network, [0], [1, 'body'], 1)!.network)).toEqual([[2, 1, 3], 4]);
    expect(move(network, [0], [1, 'body'], 1)!.path).toEqual([0, 'body', 1]);
    expect(outs(move(network, [1, 'body', 0], [], 3)!.network)).toEqual([1, [3], 4, 2]);
    expect(outs(move(network, [0], [], 2)!.network)).toEqual([[2, 3], 1, 4]);
    expect(move(network, [1], [1, 'body'], 0), 'into itself').toBeNull();
  });

  it('takes back what it did', () => {
    expect(remove(insert(network, [1, 'body'], 1, leaf(9)), [1, 'body', 1])).toEqual(network);
    expect(unwrap(wrap(network, [0], 'residual', 'body'), [0], 'body')).toEqual(network);
  });

  it('names what it connects, and never gives a name twice', () => {
    const list: LayerSpec[] = [{ ...leaf(1), id: 'dense1' }, leaf(2), leaf(3), { type: 'add' }];
    const connected = connect(list, [3], [0, 1]);
    expect(connected[3]!.inputs).toEqual(['dense1', 'dense1-2']);
    expect(connected[1]!.id).toBe('dense1-2');
    expect(resolveSpec({ fuga: 1, data: 'digits', network: connected }).network).toHaveLength(4);
  });

  it('keeps every layer in any move', () => {
    const tree = fc.letrec<{ list: LayerSpec[] }>((tie) => ({
      list: fc.array(
        fc.oneof(
          fc.integer({ min: 1, max: 99 }).map(leaf),
          fc.record({ type: fc.constant('block'), body: tie('list') }) as fc.Arbitrary<LayerSpec>,
        ),
        { maxLength: 4, depthIdentifier: 'layers' },
      ),
    })).list;
    const paths = (list: readonly LayerSpec[], at: Path = []): Path[] =>
      list.flatMap((layer, i) => [
        [...at, i],
        ...(layer['body'] ? paths(layer['body'] as LayerSpec[], [...at, i, 'body']) : []),
      ]);
    const lists = (all: readonly LayerSpec[]): Path[] => [
      [],
      ...paths(all)
        .filter((path) => layerAt(all, path)?.['body'])
        .map((path) => [...path, 'body']),
    ];
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), fc.nat(), (all, a, b, c) => {
        const from = paths(all);
        if (from.length === 0) return;
        const path = from[a % from.length]!;
        const list = lists(all)[b % lists(all).length]!;
        const moved = move(all, path, list, c % (listAt(all, list).length + 1));
        if (!moved) return;
        expect(layerAt(moved.network, moved.path)).toBe(layerAt(all, path));
        expect(outs(moved.network).flat(9).sort()).toEqual(outs(all).flat(9).sort());
        expect(paths(moved.network)).toHaveLength(from.length);
      }),
    );
  });
});
