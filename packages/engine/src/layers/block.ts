import { layer, type LayerSpec } from '../core/layer.js';
import { layerList } from '../core/options.js';

/** A list of layers that counts as one: to repeat them together, or to give them a name. */
export const block = layer({
  type: 'block',
  about: {
    does: 'Groups layers so that they can be repeated or named together.',
    formula: 'y = body(x)',
    shapes: 'as its body',
    gradient: 'The product of its layers’ factors.',
  },
  options: { body: layerList() },
  bodies: ['body'],
  site: false,
  forward: ([x], { body }, scope) => scope.body(body as LayerSpec[], x!),
  cases: [
    {
      inputs: [[3, 4]],
      options: {
        body: [
          { type: 'dense', out: 5, activation: 'tanh' },
          { type: 'dense', out: 2 },
        ],
      },
    },
    { inputs: [[3, 4]], options: { body: [] } },
  ],
});
