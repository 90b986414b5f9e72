import { paintFlow, type FlowPicture } from '../charts/flow.js';
import type { Ink } from '../charts/ink.svelte.js';
import { CanvasPen, SvgPen, type Pen } from '../charts/pen.js';

/** The gradient-flow picture with what it takes to be understood away from the page. */
export interface Sheet {
  readonly picture: FlowPicture;
  readonly title: string;
  readonly caption: string;
  readonly legend: { readonly gradient: string; readonly signal: string; readonly theory: string };
  readonly ink: Ink;
}

const WIDTH = 960;
const FLOW = 420;
const HEIGHT = FLOW + 84;
/** Pixels of the PNG for each of the picture's own: sharp in print as well. */
const SCALE = 2;

/** The sheet as an SVG file of true vectors: text stays text, lines stay lines. */
export function sheetAsSvg(sheet: Sheet): Blob {
  const pen = new SvgPen();
  paintSheet(pen, sheet);
  return new Blob([pen.file(WIDTH, HEIGHT, sheet.ink.panel)], { type: 'image/svg+xml' });
}

export function sheetAsPng(sheet: Sheet): Promise<Blob> {
  const canvas = new OffscreenCanvas(SCALE * WIDTH, SCALE * HEIGHT);
  const context = canvas.getContext('2d')!;
  context.scale(SCALE, SCALE);
  context.fillStyle = sheet.ink.panel;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  // What is drawn here is what a canvas of the page gives; both have the same methods.
  paintSheet(new CanvasPen(context as unknown as CanvasRenderingContext2D), sheet);
  return canvas.convertToBlob({ type: 'image/png' });
}

function paintSheet(pen: Pen, { picture, title, caption, legend, ink }: Sheet): void {
  // The selected layer is the page's affair.
  paintFlow(pen, WIDTH, FLOW, ink, { ...picture, selected: null });
  pen.line([20, FLOW + 8, WIDTH - 20, FLOW + 8], { colour: ink.line });
  pen.text(20, FLOW + 30, cut(title, 90), { colour: ink.ink, size: 15, weight: 620 });
  pen.text(20, FLOW + 56, cut(caption, 88), { colour: ink.muted, size: 12.5 });
  let x = WIDTH - 20;
  for (const [word, mark] of [
    [legend.theory, 'theory'],
    [legend.signal, 'signal'],
    [legend.gradient, 'gradient'],
  ] as const) {
    pen.text(x, FLOW + 56, word, { colour: ink.muted, size: 12.5, align: 'right' });
    x -= 6.7 * word.length + 12;
    if (mark === 'theory') pen.rect(x - 6, FLOW + 51, 14, 10, ink.theory, 2);
    else if (mark === 'gradient') pen.circle(x, FLOW + 56, 4.5, { fill: ink.accent });
    else {
      pen.rect(x - 4, FLOW + 52, 8, 8, ink.forward);
      pen.rect(x - 2.5, FLOW + 53.5, 5, 5, ink.panel);
    }
    x -= 22;
  }
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
