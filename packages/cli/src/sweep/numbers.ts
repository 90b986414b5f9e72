/** JSON whose numbers may be NaN or infinite: those are written as words. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, wordForNumber, indent);
}

/** What `toJson` wrote. */
export function fromJson(text: string): unknown {
  return JSON.parse(text, numberForWord) as unknown;
}

function wordForNumber(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function numberForWord(_: string, value: unknown): unknown {
  return value === 'NaN' ? NaN : value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : value;
}
