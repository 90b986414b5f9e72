/** What an option of an item on a shelf takes, read off its schema: menus and forms are made from it. */
export type FieldKind =
  'integer' | 'real' | 'boolean' | 'choice' | 'text' | 'activation' | 'init' | 'layers' | 'list' | 'other';

/** An option: its name, what it takes, and what it is where a spec leaves it out. */
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly fallback?: unknown;
  readonly min?: number;
  readonly max?: number;
  /** The smallest value itself is not allowed. */
  readonly above?: boolean;
  readonly choices?: readonly string[];
}

/** The parts of a valibot schema that tell what it takes; schemas are plain objects. */
interface Schema {
  readonly type: string;
  readonly wrapped?: Schema;
  readonly default?: unknown;
  readonly pipe?: readonly Schema[];
  readonly options?: readonly unknown[];
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  readonly requirement?: unknown;
}

/** Describes every option of an item. */
export function fieldsOf(entries: Readonly<Record<string, unknown>>): Field[] {
  return Object.entries(entries).map(([name, schema]) => fieldOf(name, schema as Schema));
}

function fieldOf(name: string, schema: Schema): Field {
  let at = schema;
  let required = true;
  let fallback: unknown;
  while (at.wrapped) {
    required = false;
    if (typeof at.default !== 'function') fallback ??= at.default;
    at = at.wrapped;
  }
  const field = { name, required, ...(fallback === undefined ? {} : { fallback }) };
  const actions = at.pipe ?? [];
  const number = (type: string) =>
    actions.find((action) => action.type === type)?.requirement as number | undefined;
  switch (at.type) {
    case 'number': {
      const above = number('gt_value');
      const min = number('min_value') ?? above;
      const max = number('max_value') ?? number('lt_value');
      return {
        ...field,
        kind: actions.some((action) => action.type === 'integer') ? 'integer' : 'real',
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        ...(above === undefined ? {} : { above: true }),
      };
    }
    case 'boolean':
      return { ...field, kind: 'boolean' };
    case 'picklist':
      return { ...field, kind: 'choice', choices: (at.options ?? []).map(String) };
    case 'string':
      return { ...field, kind: 'text' };
    case 'array':
      return { ...field, kind: at.item?.entries?.['type'] ? 'layers' : 'list' };
    case 'union':
      return { ...field, ...unionOf(at.options as readonly Schema[]) };
    default:
      return { ...field, kind: 'other' };
  }
}

/** Activations are a name or `{ fn }`; inits a name or any mapping; other unions list what they allow. */
function unionOf(options: readonly Schema[]): Pick<Field, 'kind' | 'choices'> {
  if (options.some((option) => option.entries?.['fn'])) return { kind: 'activation' };
  if (options.some((option) => option.type === 'record')) return { kind: 'init' };
  const words = options.flatMap((option) =>
    option.type === 'picklist' ? (option.options ?? []).map(String) : [],
  );
  return words.length > 0 ? { kind: 'choice', choices: words } : { kind: 'other' };
}
