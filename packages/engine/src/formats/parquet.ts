import { ByteWriter, ParquetWriter } from 'hyparquet-writer';

/** A column of a table: its name, and what kind of values it has. Any value may be missing (null). */
export interface ParquetColumn {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'text' | 'boolean';
}

const kinds = {
  number: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
} as const;

/** Rows that are encoded together, and then leave memory. */
const GROUP = 20_000;

/**
 * Writes a Parquet file row by row: doubles (NaN and infinities stay what they are), whole numbers, text.
 *
 * Finished bytes are handed to `write` after every 20,000 rows, so a table of any length takes little memory.
 */
export class ParquetTable {
  readonly #columns: readonly ParquetColumn[];
  readonly #write: (bytes: Uint8Array) => void;
  readonly #writer: ParquetWriter;
  readonly #sink: Sink;
  #values: unknown[][];

  constructor(columns: readonly ParquetColumn[], write: (bytes: Uint8Array) => void) {
    this.#columns = columns;
    this.#write = write;
    this.#sink = new Sink();
    const fields = columns.map(({ name, type }) => ({
      name,
      repetition_type: 'OPTIONAL' as const,
      ...kinds[type],
    }));
    const schema = [{ name: 'root', num_children: columns.length }, ...fields];
    this.#writer = new ParquetWriter({ writer: this.#sink, schema, createdBy: 'fuga' });
    this.#values = columns.map(() => []);
  }

  /** Adds a row: one value a column, null or undefined where there is none. */
  add(row: readonly unknown[]): void {
    this.#columns.forEach(({ type }, c) => {
      const value = row[c] ?? null;
      this.#values[c]!.push(value !== null && type === 'integer' ? BigInt(value as number) : value);
    });
    if (this.#values[0]!.length >= GROUP) this.#flush();
  }

  /** Writes what is left, and the file's end. */
  finish(): void {
    this.#flush();
    this.#writer.finish();
    this.#write(this.#sink.take());
  }

  #flush(): void {
    if (this.#values[0]!.length === 0) return;
    const columnData = this.#columns.map(({ name }, c) => ({ name, data: this.#values[c]! }));
    void this.#writer.write({ columnData, rowGroupSize: GROUP }); // our sink is not asynchronous, so nor is this
    this.#values = this.#columns.map(() => []);
    this.#write(this.#sink.take());
  }
}

/** A byte writer whose finished bytes can be taken away; offsets go on counting. */
class Sink extends ByteWriter {
  take(): Uint8Array {
    const bytes = new Uint8Array(this.buffer.slice(0, this.index));
    this.index = 0;
    return bytes;
  }
}
