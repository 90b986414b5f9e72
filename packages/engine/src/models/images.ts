import { EngineError } from '../core/errors.js';
import type { LayerSpec } from '../core/layer.js';
import { oneOf, optional } from '../core/options.js';
import type { ActivationSpec } from '../activations/activation.js';
import type { DataShape } from '../datasets/dataset.js';
import * as inits from '../inits/index.js';
import { readInit, type InitSpec } from '../inits/init.js';

/** Which norm stands behind a convolution: `none`, or the layer of that name. */
export type NormName = 'none' | 'batch' | 'layer' | 'group' | 'instance' | 'rms';

/** The option `norm` of image models. */
export function normOption(fallback: NormName) {
  return optional(oneOf(['none', 'batch', 'layer', 'group', 'instance', 'rms']), fallback);
}

/** The norm's layer, or nothing. */
export function normLayers(norm: NormName): LayerSpec[] {
  return norm === 'none' ? [] : [{ type: `${norm}Norm` }];
}

/** How one convolution of a model is written. */
export interface ConvStyle {
  readonly activation: ActivationSpec;
  readonly init?: InitSpec | undefined;
  readonly norm: NormName;
}

/**
 * Convolution → (norm) → activation. In front of a norm the bias is left out: the norm takes it away, and its gradient
 * would be rounding noise.
 */
export function convLayers(conv: Readonly<Record<string, unknown>>, style: ConvStyle): LayerSpec[] {
  const { activation, init, norm } = style;
  if (norm === 'none') return [{ type: 'conv2d', ...conv, activation, init }];
  return [
    { type: 'conv2d', ...conv, bias: false, init },
    ...normLayers(norm),
    ...(activation === 'identity' ? [] : [{ type: 'activation', fn: activation }]),
  ];
}

/** The dense layer to the outputs; it takes the model's init where that is about the whole network. */
export function outputLayer(outputs: number, init: InitSpec | undefined): LayerSpec {
  const isWhole = init !== undefined && readInit(inits, init).init.isWhole === true;
  return { type: 'dense', out: outputs, ...(isWhole ? { init } : {}) };
}

/** Height and width of the data's images; throws where the data has none. */
export function imageSize(
  data: DataShape,
  model: string,
): { channels: number; height: number; width: number } {
  const [channels, height, width] = data.input.shape;
  if (data.input.shape.length !== 3) {
    throw new EngineError(
      'SPEC',
      `${model} expects images [C, H, W], the data has samples of shape [${data.input.shape.join(', ')}]; use mlp, or data with images`,
    );
  }
  return { channels: channels!, height: height!, width: width! };
}
