import katex from 'katex';
import 'katex/dist/katex.min.css';

/**
 * Writes a formula into an element, as a picture in KaTeX's own fonts and as MathML for screen readers.
 *
 * It is built node by node: no markup is parsed, so Trusted Types have nothing to object to, and styles are set by
 * script on elements of ours, which `style-src 'self'` allows. Commands that write style attributes (boxes, vectors,
 * coloured errors) are not to be used.
 */
export function writeFormula(element: HTMLElement, tex: string, isDisplayed: boolean): void {
  katex.render(tex, element, { displayMode: isDisplayed, throwOnError: true, strict: 'error', trust: false });
}
