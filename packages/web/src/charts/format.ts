const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `10⁻¹²`. */
export function powerOfTen(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]!).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

/** Numbers as the page shows them, in the language of the page. */
export class NumberFormat {
  readonly #plain: Intl.NumberFormat;
  readonly #integer: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #mantissa: Intl.NumberFormat;
  readonly #mark: string;

  constructor(language: string) {
    this.#plain = new Intl.NumberFormat(language, { maximumSignificantDigits: 3, useGrouping: false });
    this.#integer = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    this.#percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
    this.#mark = this.#plain.format(0.5).charAt(1);
    this.#mantissa = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  }

  /** Three digits; far from 1 as `3.2·10⁻¹²`. */
  number(value: number | null | undefined): string {
    if (value === null || value === undefined) return '–';
    if (Number.isNaN(value)) return 'NaN';
    if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
    const magnitude = Math.abs(value);
    if (value === 0) return '0';
    if (magnitude >= 1e-3 && magnitude < 1e5) return this.#plain.format(value).replace('-', '−');
    let exponent = Math.floor(Math.log10(magnitude));
    let mantissa = value / 10 ** exponent;
    if (exponent < -300) mantissa = (value * 1e300) / 10 ** (exponent + 300);
    if (Math.abs(mantissa) >= 9.95) {
      mantissa /= 10;
      exponent++;
    }
    return `${this.#mantissa.format(mantissa).replace('-', '−')}·${powerOfTen(exponent)}`;
  }

  /** As it stands in a field to be edited: every digit, the decimal mark of the language. */
  typed(value: number): string {
    return String(value).replace('.', this.#mark);
  }

  integer(value: number): string {
    return this.#integer.format(value);
  }

  percent(value: number): string {
    return Number.isFinite(value) ? this.#percent.format(value) : '–';
  }

  bytes(value: number): string {
    const units = ['B', 'KiB', 'MiB', 'GiB'];
    const at = value > 0 ? Math.min(3, Math.floor(Math.log2(value) / 10)) : 0;
    return `${this.#plain.format(value / 2 ** (10 * at))} ${units[at]}`;
  }
}
