import type { TermWords } from './glossary.js';

export const en: TermWords = {
  gradient: {
    name: 'Gradient',
    text: 'How much the loss would change if each weight changed a little. Training goes against it. Where it is nearly zero, nothing is learned; where it is huge, one step destroys what was learned.',
  },
  loss: {
    name: 'Loss',
    text: 'One number that says how wrong the network is on a batch of samples. Training makes it smaller; everything else, accuracy included, follows or does not.',
  },
  chainRule: {
    name: 'Chain rule',
    text: 'The slope of a chain of functions is the product of their slopes. Backpropagation is the chain rule, applied from the loss back to the input, one layer at a time.',
  },
  factor: {
    name: 'Backward factor',
    text: 'What one step back through a layer multiplies the gradient’s strength by. Below 1 in every layer, it vanishes; above 1, it explodes. Fuga takes it apart into weights, activation slope, normalization and skip.',
  },
  rms: {
    name: 'rms',
    text: 'Root mean square: the typical size of many numbers, whatever their sign. All strengths in Fuga’s pictures are rms values, on a logarithmic scale.',
  },
  sigmoid: {
    name: 'Sigmoid',
    text: 'Squeezes any number into 0 to 1. Its slope is a quarter at best, and next to nothing where the input is large in either direction.',
  },
  saturation: {
    name: 'Saturation',
    text: 'An activation is driven to where it is flat: its output hardly moves with its input, so hardly any gradient passes.',
  },
  relu: {
    name: 'ReLU',
    text: 'Keeps what is positive, makes the rest 0. Slope 1 or 0: it never shrinks a gradient a little, it passes it or cuts it.',
  },
  deadUnit: {
    name: 'Dead unit',
    text: 'A ReLU that is closed for every sample. Its gradient is exactly 0, so nothing will open it again. Smaller steps, an init that fits, or an activation with a slope on both sides prevent it.',
  },
  vanishing: {
    name: 'Vanishing gradient',
    text: 'Factors below 1, multiplied layer after layer, leave nothing for the first layers: an exponential in depth. They stay as they were drawn, and the network learns from random features, if at all.',
  },
  exploding: {
    name: 'Exploding gradient',
    text: 'Factors above 1, multiplied layer after layer. The gradient at the first layers is astronomically large, steps are too long, and the loss soon is no number.',
  },
  forwardDecay: {
    name: 'Fading signal',
    text: 'The signal itself dies on its way in: the last layers see nearly the same for every sample. The gradient usually fades with it, but the cure starts at the front.',
  },
  nonFinite: {
    name: 'Not a number',
    text: 'Infinity minus infinity, or zero by zero: once a NaN is in the weights, every later result is one. The step before it is where to look.',
  },
  init: {
    name: 'Initialisation',
    text: 'How the first weights are drawn. Their variance, times the number of inputs, decides whether signal and gradient keep their size from layer to layer.',
  },
  xavier: {
    name: 'Xavier init',
    text: 'Glorot and Bengio’s rule: a variance between what keeps the signal and what keeps the gradient. Made for activations with slope 1 at 0, such as tanh.',
  },
  he: {
    name: 'He init',
    text: 'Twice the variance, for ReLU: half of the units are closed, and the other half must carry all.',
  },
  orthogonal: {
    name: 'Orthogonal init',
    text: 'A random rotation: it keeps the length of every vector exactly, not only on average. In linear networks of any depth the gradient’s size is then kept in full.',
  },
  meanField: {
    name: 'Mean-field theory',
    text: 'In wide layers, what a unit receives is normally distributed, so the mean squared gradient is multiplied by the same χ at every layer. χ = 1 is the edge of chaos, where very deep networks can be trained.',
  },
  theoryBand: {
    name: 'Theory’s band',
    text: 'Where the gradient of a healthy network with these layers, widths and weights should lie. Real widths scatter, and the more so the deeper, which is why the band widens. Fuga calls sick what falls out of it.',
  },
  learningRate: {
    name: 'Learning rate',
    text: 'How far one step goes along the gradient. Too large, and it overshoots, kills units or ends in NaN; too small, and nothing seems to happen.',
  },
  adam: {
    name: 'Adam',
    text: 'Divides each weight’s step by the usual size of its gradient, so every weight moves by about the learning rate. It can hide a vanished gradient: the first layers move, but in noise’s direction.',
  },
  oscillation: {
    name: 'Oscillation',
    text: 'Each step undoes the one before: the learning rate is too large for how curved the loss is along that direction.',
  },
  clipping: {
    name: 'Gradient clipping',
    text: 'If the gradient is longer than a limit, it is shortened to it; its direction stays. It bounds the step, not the gradient’s cause.',
  },
  batchNorm: {
    name: 'Batch norm',
    text: 'Gives every unit mean 0 and variance 1 over the batch, then a learned scale and shift. Signals keep their size in any depth; without skips its gradient grows by about 1.2 a layer at the start.',
  },
  layerNorm: {
    name: 'Layer norm',
    text: 'The same over the units of one sample: no batch is needed, which suits sequences. It does not centre each unit, so it cannot help sigmoids as batch norm does.',
  },
  residual: {
    name: 'Residual block',
    text: 'Adds its input to its output. The gradient passes by with factor 1, whatever the layers within do.',
  },
  shortcut: {
    name: 'Short path',
    text: 'A way from the loss to a layer that crosses few others. Most of a residual network’s gradient comes along short ones, although long ones are far more numerous.',
  },
  fixup: {
    name: 'Fixup',
    text: 'Starts each branch at zero, so that a residual network begins as the identity: its gradient neither grows nor fades, without any norm.',
  },
  shattered: {
    name: 'Shattered gradient',
    text: 'The gradient has the right size, and points elsewhere for every neighbouring sample: like noise. Deep plain ReLU networks have it, residual ones hardly.',
  },
  rankCollapse: {
    name: 'Rank collapse',
    text: 'All samples are mapped to nearly the same direction: behind that layer there is nothing left to tell them apart by.',
  },
  symmetry: {
    name: 'Symmetry',
    text: 'Units with equal weights get equal gradients and stay equal for ever: a layer of one unit, many times over. Random weights break it.',
  },
  unscaledInput: {
    name: 'Unscaled input',
    text: 'Inputs far from mean 0 and variance 1 saturate the first layer or make its steps far too long. Scale them before training.',
  },
  lossMismatch: {
    name: 'Loss that does not fit',
    text: 'The loss expects something else than the last layer gives, such as probabilities instead of logits: its gradient then says the wrong thing, or nothing.',
  },
  bptt: {
    name: 'Backpropagation through time',
    text: 'A recurrent network unrolled: one layer for each time step, all with the same weights. The gradient walks from the last step to the first, and is multiplied at each.',
  },
  spectralRadius: {
    name: 'Spectral radius',
    text: 'The size of a matrix’ largest eigenvalue. Multiplied by the matrix many times, a vector grows or fades by this factor a step.',
  },
  lstm: {
    name: 'LSTM',
    text: 'Long short-term memory: a cell that is added to instead of overwritten, with gates for what comes in, stays and goes out.',
  },
  forgetGate: {
    name: 'Forget gate',
    text: 'What share of its cell a unit keeps at a step. The gradient along the cell is the product of these shares; a bias of 1 or more opens the gates from the start.',
  },
  attention: {
    name: 'Attention',
    text: 'Every step asks all others, and takes a weighted mean of what they offer. Any two steps are one layer apart.',
  },
  preNorm: {
    name: 'Pre-norm and post-norm',
    text: 'Whether a transformer’s norm stands inside the branch or behind the sum. Inside, the stream of sums stays untouched and the gradient has a straight way; behind, each block rescales it.',
  },
  warmup: {
    name: 'Warm-up',
    text: 'The learning rate grows from nearly zero over the first steps, while the gradients’ sizes are still unsettled.',
  },
  crossEntropy: {
    name: 'Cross-entropy',
    text: 'Minus the logarithm of the probability given to the truth. Guessing among k classes costs ln k: 2.3 for ten. Where one class is rare, saying “never” is already cheap.',
  },
  auc: {
    name: 'Area under the ROC curve',
    text: 'The chance that a sick pixel (or patient) gets a higher score than a healthy one. 1 is perfect, 0.5 is a coin, and how rare the sick ones are does not matter.',
  },
  unet: {
    name: 'U-Net',
    text: 'Down to the whole, up to the pixel, and at every level a join across: fine detail and its gradient need not go through the bottom.',
  },
  detector: {
    name: 'Detector',
    text: 'Says where things are and what: boxes and classes, at several scales at once, each with a head of its own.',
  },
};
