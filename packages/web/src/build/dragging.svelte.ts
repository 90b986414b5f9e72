import type { Builder } from '../lab/builder.svelte.js';
import { isSame, isWithin, type Path } from '../lab/layers.js';

const readPath = (text: string): Path =>
  text === '' ? [] : text.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));

/** How far a finger must move before a press is a drag. */
const THRESHOLD = 4;
/** Pixels from the window's edges within which the page moves along, and how far each frame at most. */
const EDGE = 64;
const FASTEST = 14;

/**
 * Moving blocks, and drawing connections, with a mouse, a pen or a finger: one pointer, captured by the handle that
 * was pressed. What can be dropped on is read from the page (`data-list`, `data-path`), where it is.
 */
export class Dragging {
  readonly #builder: Builder;
  /** Where a new layer is to be chosen for; null while no menu is open. */
  chooser = $state.raw<{ readonly list: Path; readonly index: number } | null>(null);
  /** The connection that is being drawn, in the coordinates of the window. */
  line = $state.raw<{
    readonly x0: number;
    readonly y0: number;
    readonly x1: number;
    readonly y1: number;
  } | null>(null);
  #path = $state.raw<Path | null>(null);
  #over = $state.raw<{ readonly list: Path; readonly index: number } | null>(null);

  constructor(builder: Builder) {
    this.#builder = builder;
  }

  isDragged(path: Path): boolean {
    return this.#path !== null && isSame(this.#path, path);
  }

  isOver(list: Path, index: number): boolean {
    return this.#over !== null && this.#over.index === index && isSame(this.#over.list, list);
  }

  start(event: PointerEvent, path: Path, what: 'move' | 'connect'): void {
    if (event.button !== 0) return;
    event.preventDefault();
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    const [x0, y0] = [event.clientX, event.clientY];
    const scrolled = window.scrollY;
    let [x1, y1] = [x0, y0];
    let begun = false;
    const follow = () => {
      if (what === 'connect') this.line = { x0, y0: y0 + scrolled - window.scrollY, x1, y1 };
      else {
        this.#path = path;
        this.#over = nearestSlot(x1, y1, path);
      }
    };
    const onmove = ({ clientX, clientY }: PointerEvent) => {
      [x1, y1] = [clientX, clientY];
      if (!begun && Math.hypot(x1 - x0, y1 - y0) < THRESHOLD) return;
      if (!begun) frame = requestAnimationFrame(scrollAlong);
      begun = true;
      follow();
    };
    // What is dragged to an edge of the window moves the page along: a network is longer than a telephone.
    let frame = 0;
    const scrollAlong = () => {
      const past = Math.max(0, EDGE - y1) - Math.max(0, y1 - (window.innerHeight - EDGE));
      const before = window.scrollY;
      if (past !== 0) window.scrollBy(0, -FASTEST * Math.max(-1, Math.min(1, past / EDGE)));
      if (window.scrollY !== before) follow();
      frame = requestAnimationFrame(scrollAlong);
    };
    const onend = ({ type, clientX, clientY }: PointerEvent) => {
      cancelAnimationFrame(frame);
      handle.removeEventListener('pointermove', onmove);
      if (type === 'pointerup' && begun) {
        const over = this.#over;
        if (what === 'move' && over) this.#builder.moveTo(path, over.list, over.index);
        if (what === 'connect') {
          const target = blockAt(clientX, clientY);
          if (target) this.#builder.addInput(target, path);
        }
      }
      this.#path = null;
      this.#over = null;
      this.line = null;
    };
    handle.addEventListener('pointermove', onmove);
    handle.addEventListener('pointerup', onend, { once: true });
    handle.addEventListener('pointercancel', onend, { once: true });
  }
}

/** The gap between blocks that is nearest to a point, not within the block that is dragged. */
function nearestSlot(x: number, y: number, dragged: Path): { list: Path; index: number } | null {
  let best: { list: Path; index: number } | null = null;
  let nearest = Infinity;
  for (const slot of document.querySelectorAll<HTMLElement>('[data-list]')) {
    const box = slot.getBoundingClientRect();
    const list = readPath(slot.dataset['list']!);
    if (isWithin(list, dragged)) continue;
    const aside = x < box.left ? box.left - x : x > box.right ? x - box.right : 0;
    // Deeper lists win where they lie under the pointer.
    const distance = Math.abs(y - (box.top + box.bottom) / 2) + aside - 2 * list.length;
    if (distance < nearest) [nearest, best] = [distance, { list, index: Number(slot.dataset['index']) }];
  }
  return best;
}

function blockAt(x: number, y: number): Path | null {
  const block = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-path]');
  return block ? readPath(block.dataset['path']!) : null;
}
