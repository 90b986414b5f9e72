export { fieldsOf, type Field, type FieldKind } from '@fuga/engine';
