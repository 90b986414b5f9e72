import { adamLike } from './adam.js';

/** Adam with decoupled weight decay; PyTorch's `AdamW`. */
export const adamW = adamLike(
  'adamW',
  true,
  {
    does: 'Adam whose weight decay acts on the weights alone.',
    source: 'Loshchilov & Hutter 2017, arXiv:1711.05101',
  },
  0.01,
);
