/** How a line is drawn. */
export interface Stroke {
  readonly colour: string;
  readonly width?: number;
  readonly dash?: readonly number[];
}

export interface TextStyle {
  readonly colour: string;
  readonly size?: number;
  readonly weight?: number;
  readonly align?: 'left' | 'center' | 'right';
  readonly baseline?: 'top' | 'middle' | 'bottom';
  /** Quarter turn to the left, for the title of a vertical axis. */
  readonly upright?: boolean;
}

/**
 * What charts draw with: one drawing routine, on the screen by `CanvasPen` and into a file by `SvgPen`.
 * Points are x0, y0, x1, y1, …
 */
export interface Pen {
  line(points: readonly number[], stroke: Stroke): void;
  area(points: readonly number[], fill: string): void;
  rect(x: number, y: number, width: number, height: number, fill: string, radius?: number): void;
  circle(x: number, y: number, radius: number, style: { fill?: string; stroke?: Stroke }): void;
  text(x: number, y: number, text: string, style: TextStyle): void;
  /** A grid of colours, RGBA row by row, stretched over a rectangle without smoothing. */
  cells(x: number, y: number, width: number, height: number, cells: ImageData): void;
  /** Everything drawn in `action` is cut off at the rectangle. */
  clip(x: number, y: number, width: number, height: number, action: () => void): void;
}

export const fontFamily = "Inter, system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/** Where cells are laid out before they are stretched; one for all pens, as making one takes a millisecond. */
let scratch: OffscreenCanvasRenderingContext2D | null = null;

export class CanvasPen implements Pen {
  readonly #context: CanvasRenderingContext2D;

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  line(points: readonly number[], { colour, width = 1, dash = [] }: Stroke): void {
    const c = this.#context;
    c.beginPath();
    for (let i = 0; i + 1 < points.length; i += 2) c.lineTo(points[i]!, points[i + 1]!);
    c.strokeStyle = colour;
    c.lineWidth = width;
    c.lineJoin = 'round';
    c.lineCap = dash.length > 0 ? 'butt' : 'round';
    c.setLineDash([...dash]);
    c.stroke();
  }

  area(points: readonly number[], fill: string): void {
    const c = this.#context;
    c.beginPath();
    for (let i = 0; i + 1 < points.length; i += 2) c.lineTo(points[i]!, points[i + 1]!);
    c.closePath();
    c.fillStyle = fill;
    c.fill();
  }

  rect(x: number, y: number, width: number, height: number, fill: string, radius = 0): void {
    const c = this.#context;
    c.fillStyle = fill;
    if (radius === 0) {
      c.fillRect(x, y, width, height);
      return;
    }
    c.beginPath();
    c.roundRect(x, y, width, height, radius);
    c.fill();
  }

  circle(x: number, y: number, radius: number, { fill, stroke }: { fill?: string; stroke?: Stroke }): void {
    const c = this.#context;
    c.beginPath();
    c.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) {
      c.fillStyle = fill;
      c.fill();
    }
    if (stroke) {
      c.strokeStyle = stroke.colour;
      c.lineWidth = stroke.width ?? 1;
      c.setLineDash([]);
      c.stroke();
    }
  }

  text(x: number, y: number, text: string, style: TextStyle): void {
    const c = this.#context;
    const { colour, size = 11, weight = 440, align = 'left', baseline = 'middle', upright = false } = style;
    c.font = `${weight} ${size}px ${fontFamily}`;
    c.fillStyle = colour;
    c.textAlign = align;
    c.textBaseline = baseline;
    if (!upright) {
      c.fillText(text, x, y);
      return;
    }
    c.save();
    c.translate(x, y);
    c.rotate(-Math.PI / 2);
    c.fillText(text, 0, 0);
    c.restore();
  }

  cells(x: number, y: number, width: number, height: number, cells: ImageData): void {
    scratch ??= new OffscreenCanvas(cells.width, cells.height).getContext('2d')!;
    const { canvas } = scratch;
    // Never made smaller: setting a size makes a new canvas.
    if (canvas.width < cells.width) canvas.width = cells.width;
    if (canvas.height < cells.height) canvas.height = cells.height;
    scratch.putImageData(cells, 0, 0);
    const c = this.#context;
    c.imageSmoothingEnabled = false;
    c.drawImage(canvas, 0, 0, cells.width, cells.height, x, y, width, height);
  }

  clip(x: number, y: number, width: number, height: number, action: () => void): void {
    const c = this.#context;
    c.save();
    c.beginPath();
    c.rect(x, y, width, height);
    c.clip();
    action();
    c.restore();
  }
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string) => text.replace(/[&<>"]/g, (letter) => escapes[letter]!);
const round = (value: number) => String(Math.round(value * 100) / 100);

export class SvgPen implements Pen {
  readonly #parts: string[] = [];
  #clips = 0;

  line(points: readonly number[], { colour, width = 1, dash = [] }: Stroke): void {
    const dashes = dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : '';
    this.#parts.push(
      `<polyline points="${listed(points)}" fill="none" stroke="${escape(colour)}" stroke-width="${width}" stroke-linejoin="round"${dashes}/>`,
    );
  }

  area(points: readonly number[], fill: string): void {
    this.#parts.push(`<polygon points="${listed(points)}" fill="${escape(fill)}"/>`);
  }

  rect(x: number, y: number, width: number, height: number, fill: string, radius = 0): void {
    this.#parts.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}" fill="${escape(fill)}"/>`,
    );
  }

  circle(x: number, y: number, radius: number, { fill, stroke }: { fill?: string; stroke?: Stroke }): void {
    const edge = stroke ? ` stroke="${escape(stroke.colour)}" stroke-width="${stroke.width ?? 1}"` : '';
    this.#parts.push(
      `<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" fill="${fill ? escape(fill) : 'none'}"${edge}/>`,
    );
  }

  text(x: number, y: number, text: string, style: TextStyle): void {
    const { colour, size = 11, weight = 440, align = 'left', baseline = 'middle', upright = false } = style;
    const anchor = { left: 'start', center: 'middle', right: 'end' }[align];
    const shift = { top: 0.8, middle: 0.35, bottom: -0.2 }[baseline] * size;
    const turn = upright ? ` transform="rotate(-90 ${round(x)} ${round(y)})"` : '';
    this.#parts.push(
      `<text x="${round(x)}" y="${round(y)}" dy="${round(shift)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${escape(colour)}"${turn}>${escape(text)}</text>`,
    );
  }

  cells(
    x: number,
    y: number,
    width: number,
    height: number,
    { data, width: columns, height: rows }: ImageData,
  ): void {
    const [w, h] = [width / columns, height / rows];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = 4 * (row * columns + column);
        if (data[at + 3] === 0) continue;
        const hex = [0, 1, 2].map((channel) => data[at + channel]!.toString(16).padStart(2, '0')).join('');
        this.#parts.push(
          `<rect x="${round(x + column * w)}" y="${round(y + row * h)}" width="${round(w + 0.3)}" height="${round(h + 0.3)}" fill="#${hex}"/>`,
        );
      }
    }
  }

  clip(x: number, y: number, width: number, height: number, action: () => void): void {
    const id = `clip${++this.#clips}`;
    this.#parts.push(
      `<clipPath id="${id}"><rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/></clipPath><g clip-path="url(#${id})">`,
    );
    action();
    this.#parts.push('</g>');
  }

  /** The whole drawing as a file. */
  file(width: number, height: number, background: string): string {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escape(fontFamily)}"><rect width="100%" height="100%" fill="${escape(background)}"/>${this.#parts.join('')}</svg>`;
  }
}

function listed(points: readonly number[]): string {
  const pairs: string[] = [];
  for (let i = 0; i + 1 < points.length; i += 2) pairs.push(`${round(points[i]!)},${round(points[i + 1]!)}`);
  return pairs.join(' ');
}
