import {
  CST,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  stringify,
  visit,
  type Document,
  type Node,
} from 'yaml';
import { EngineError, type PathStep } from '../core/errors.js';

/** Most characters that a spec may have. */
export const MOST_CHARACTERS = 1_000_000;
/** Deepest nesting: three levels for each body within a body, and room to spare. */
const MOST_NESTED = 128;
/** Times that anchors may be used, so that a few lines cannot unfold into gigabytes. */
const MOST_ALIASES = 100;

/** A stretch of one line of a text; lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** Characters, at least 1. */
  readonly length: number;
}

/** The text is not YAML (or JSON); `place` says where. */
export class SpecSyntaxError extends EngineError {
  readonly place: Place;

  constructor(reason: string, place: Place) {
    super('FORMAT', reason);
    this.name = 'SpecSyntaxError';
    this.place = place;
  }
}

/**
 * Plain data of a spec written as YAML 1.2 or JSON. Checks the form only; `resolveSpec` checks the meaning.
 *
 * Errors: `SpecSyntaxError` with the place of the first fault: syntax, a key given twice, an unknown tag, nesting
 * past 128 levels, more than 100 uses of anchors, more than 1,000,000 characters.
 *
 * @example
 * parseSpec('steps: 300'); // { steps: 300 }
 */
export function parseSpec(text: string): unknown {
  const { document, lines } = read(text);
  const at = (offset: number, length = 1) => placeOf(text, lines, offset, offset + length);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw new SpecSyntaxError(wording(fault.message), placeOf(text, lines, ...fault.pos));
  checkKeys(document, at);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw new SpecSyntaxError(error instanceof Error ? wording(error.message) : 'cannot be read', at(0));
  }
}

/**
 * Where in the text the value at `path` stands: the key and its value, as far as they share a line. Where the path
 * leads to nothing (a missing key, a layer that a model family spelled out), the place of the innermost thing there is.
 */
export function locate(text: string, path: readonly PathStep[]): Place {
  const { document, lines } = read(text);
  let node: unknown = document.contents;
  let [start, end] = rangeOf(node);
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) break;
      start = rangeOf(pair.key)[0];
      end = Math.max(rangeOf(pair.key)[1], rangeOf(pair.value)[1]);
      node = pair.value;
    } else if (isSeq(node) && node.items[Number(step)] !== undefined) {
      node = node.items[Number(step)];
      [start, end] = rangeOf(node);
    } else {
      break;
    }
  }
  return placeOf(text, lines, start, end);
}

/**
 * A spec as YAML for people: top-level keys on their lines, layers one a line.
 *
 * @example
 * writeSpec({ fuga: 1, network: [{ type: 'dense', out: 10 }] });
 * // fuga: 1
 * // network:
 * //   - { type: dense, out: 10 }
 */
export function writeSpec(spec: object): string {
  const line = (value: unknown) =>
    stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trimEnd();
  return Object.entries(spec)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      if (!Array.isArray(value) || value.length === 0) return `${key}: ${line(value)}\n`;
      return `${key}:\n${value.map((item) => `  - ${line(item)}\n`).join('')}`;
    })
    .join('');
}

function read(text: string): { document: Document; lines: LineCounter } {
  if (text.length > MOST_CHARACTERS) {
    throw new SpecSyntaxError(
      `a spec has at most ${MOST_CHARACTERS.toLocaleString('en')} characters, this one has ${text.length.toLocaleString('en')}`,
      { line: 1, column: 1, length: 1 },
    );
  }
  const lines = new LineCounter();
  checkNesting(text);
  // The library's own check of unique keys compares each key with all others: minutes for a hostile megabyte.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  return { document: document as Document, lines };
}

/**
 * Throws past 128 levels, before the parser recurses into them. Reads tokens only: brackets, and block indentation
 * by the columns at which keys and dashes stand.
 */
function checkNesting(text: string): void {
  const columns: number[] = [];
  let [flow, offset, lineStart, first] = [0, 0, 0, true];
  for (const token of new Lexer().lex(text)) {
    const kind = CST.tokenType(token);
    if (kind === 'doc-mode' || kind === 'flow-error-end' || token === CST.SCALAR) continue;
    if (kind === 'flow-seq-start' || kind === 'flow-map-start') flow++;
    else if (kind === 'flow-seq-end' || kind === 'flow-map-end') flow = Math.max(0, flow - 1);
    else if (flow === 0 && kind !== 'space' && kind !== 'newline' && kind !== 'comment') {
      const dash = kind === 'seq-item-ind' || kind === 'explicit-key-ind';
      const column = offset - lineStart;
      if (first || dash) {
        while (columns.length > 0 && columns.at(-1)! >= column) columns.pop();
        columns.push(column);
      }
      first = false;
    }
    if (flow + columns.length > MOST_NESTED) {
      throw new SpecSyntaxError(`nested deeper than ${MOST_NESTED} levels`, {
        line: lineOf(text, offset),
        column: offset - lineStart + 1,
        length: 1,
      });
    }
    offset += token.length;
    if (token.includes('\n')) {
      lineStart = offset - (token.length - token.lastIndexOf('\n') - 1);
      first = true;
    }
  }
}

function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) if (text.charCodeAt(i) === 10) line++;
  return line;
}

/** Keys must be plain and given once. */
function checkKeys(document: Document, at: (offset: number, length: number) => Place): void {
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const pair of map.items) {
        if (!isPair(pair) || !isScalar(pair.key)) {
          const [start] = rangeOf(isPair(pair) ? pair.key : pair);
          throw new SpecSyntaxError('a key must be a word, not a list or a mapping', at(start, 1));
        }
        const key = String(pair.key.value);
        const [start, end] = rangeOf(pair.key);
        if (seen.has(key))
          throw new SpecSyntaxError(`the key "${key}" is given twice`, at(start, end - start));
        seen.add(key);
      }
    },
  });
}

function rangeOf(node: unknown): [number, number] {
  const range = (node as Node | null)?.range;
  return range ? [range[0], range[1]] : [0, 0];
}

/** The stretch from `start` to `end`, cut at the end of its first line. */
function placeOf(text: string, lines: LineCounter, start: number, end: number): Place {
  const from = Math.min(start, text.length);
  const { line, col } = lines.linePos(from);
  const stop = text.indexOf('\n', from);
  const until = Math.min(end, stop < 0 ? text.length : stop);
  const length = text.slice(from, until).trimEnd().length;
  return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, length) };
}

/** The library's message as part of a sentence. */
function wording(message: string): string {
  const plain = message.replace(/; please use YAML\.parseAllDocuments\(\)/, '; a spec is one document');
  return plain.charAt(0).toLowerCase() + plain.slice(1);
}
