// What the lab is looked at in: every screen by itself, and networks that bring out what only some have.
import type { Page } from 'playwright-core';
import { views, type View } from '../../packages/web/src/lab/link.js';

/** Something to look at. */
export interface Scene {
  readonly name: string;
  readonly view: View;
  /** The network; without one the lab's own example. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Chapter of the tour, from 0. */
  readonly chapter?: number;
  /** Steps to have been made before the picture is taken; none are waited for where there is a `prepare`. */
  readonly steps?: number;
  /** What a user does to get there. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const digits = { source: 'digits', batch: 32 };

/** What the plain screens have to have shown before they are judged. */
const readiness: Partial<Record<View, (page: Page) => Promise<void>>> = {
  observe: (page) => page.getByTestId('finding').first().waitFor(),
  build: (page) => page.locator('.blocks .main').first().waitFor(),
  cure: (page) => page.locator('main aside li').first().waitFor(),
};

const pathological: readonly Scene[] = [
  {
    name: 'observe-spirals',
    view: 'observe',
    spec: {
      fuga: 1,
      data: { source: 'spirals', batch: 64 },
      model: { type: 'mlp', depth: 5, width: 32, activation: 'tanh' },
      optimizer: { type: 'adam', lr: 0.01 },
    },
    steps: 120,
  },
  {
    name: 'observe-exploding',
    view: 'observe',
    spec: {
      fuga: 1,
      data: digits,
      model: { type: 'mlp', depth: 30, width: 48, activation: 'relu', init: { normal: 0.6 } },
      optimizer: { type: 'sgd', lr: 1 },
    },
    steps: 0,
  },
  {
    name: 'observe-refused',
    view: 'observe',
    spec: { fuga: 1, data: digits, model: { type: 'mlp', depth: 3, width: 1_000_000 } },
    prepare: (page) => page.getByRole('alert').waitFor(),
  },
  {
    name: 'observe-lstm',
    view: 'observe',
    spec: {
      fuga: 1,
      data: { source: 'adding', length: 40, batch: 16 },
      model: { type: 'lstm', hidden: 24 },
      optimizer: { type: 'adam', lr: 0.003 },
    },
    steps: 20,
  },
  {
    name: 'observe-resnet',
    view: 'observe',
    spec: {
      fuga: 1,
      data: digits,
      model: { type: 'resnet', depth: 8, width: 8 },
      optimizer: { type: 'sgd', lr: 0.05 },
    },
    steps: 10,
  },
];

/** Screens with something done in them. */
const busy: readonly Scene[] = [
  {
    name: 'build-options',
    view: 'build',
    prepare: async (page) => {
      await page.locator('.blocks .main').first().click();
      await page.locator('.options select').first().waitFor();
    },
  },
  {
    name: 'cure-trial',
    view: 'cure',
    prepare: async (page) => {
      await page.locator('main aside .button').first().click();
      await page.getByTestId('trial').waitFor();
    },
  },
  {
    name: 'learn-slices',
    view: 'learn',
    chapter: 10,
    prepare: (page) => page.locator('[data-testid=experiment] .pictures canvas').first().waitFor(),
  },
];

/** Every screen, and the scenes above. A screen that joins `views` is looked at by itself. */
export const scenes: readonly Scene[] = [
  ...views.map((view): Scene => ({
    name: view,
    view,
    ...(readiness[view] ? { prepare: readiness[view] } : {}),
  })),
  ...pathological,
  ...busy,
];
