// The shelves, handed to the machinery as plain records: it looks ids up in them and knows no item by name.
import * as activationShelf from '../activations/index.js';
import type { Activation } from '../activations/activation.js';
import type { Layer } from '../core/layer.js';
import type { Dataset } from '../datasets/dataset.js';
import * as datasetShelf from '../datasets/index.js';
import * as initShelf from '../inits/index.js';
import type { Init } from '../inits/init.js';
import * as layerShelf from '../layers/index.js';
import * as lossShelf from '../losses/index.js';
import type { Loss } from '../losses/loss.js';
import * as modelShelf from '../models/index.js';
import type { Model } from '../models/model.js';
import * as optimizerShelf from '../optimizers/index.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import * as scheduleShelf from '../schedules/index.js';
import type { Schedule } from '../schedules/schedule.js';

type Shelf<Item> = Readonly<Record<string, Item>>;

/** The shelf of activation functions, by id. */
export const activations: Shelf<Activation> = activationShelf;
/** The shelf of data sets, by id. */
export const datasets: Shelf<Dataset> = datasetShelf as unknown as Shelf<Dataset>;
/** The shelf of inits, by id. */
export const inits: Shelf<Init> = initShelf;
/** The shelf of layers, by id. */
export const layers: Shelf<Layer> = layerShelf as unknown as Shelf<Layer>;
/** The shelf of losses, by id. */
export const losses: Shelf<Loss> = lossShelf as unknown as Shelf<Loss>;
/** The shelf of model families, by id. */
export const models: Shelf<Model> = modelShelf as unknown as Shelf<Model>;
/** The shelf of optimizers, by id. */
export const optimizers: Shelf<Optimizer> = optimizerShelf as unknown as Shelf<Optimizer>;
/** The shelf of learning-rate schedules, by id. */
export const schedules: Shelf<Schedule> = scheduleShelf as unknown as Shelf<Schedule>;
