/** Descriptions for a JSON Schema, from the TSDoc of the types whose values it describes. */
import { join } from 'node:path';
import ts from 'typescript';

/** A part of a JSON Schema, as far as it is looked at here. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | false;
  readonly [keyword: string]: unknown;
}

/** The exported types of some files, and what their authors say of them. */
export class TypeDocs {
  private readonly checker: ts.TypeChecker;
  private readonly exported: ReadonlyMap<string, ts.Symbol>;

  constructor(root: string, files: readonly string[]) {
    const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
    const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), { incremental: false }, host);
    const paths = files.map((file) => join(root, file));
    const program = ts.createProgram(paths, config?.options ?? {});
    const checker = program.getTypeChecker();
    const exported = paths.flatMap((path) => {
      const source = program.getSourceFile(path);
      const module = source && checker.getSymbolAtLocation(source);
      if (module === undefined) throw new Error(`${path} exports nothing`);
      return checker.getExportsOfModule(module);
    });
    this.checker = checker;
    this.exported = new Map(exported.map((each) => [each.name, each]));
  }

  /**
   * A schema with each field described as the field of the same name of a type is; one that says nothing there as the
   * schema says, or as its own type is.
   *
   * @throws Error for a field that only one of the two has, functions aside, and for a value that the type does not have
   */
  describe(schema: JsonSchema, typeName: string): JsonSchema {
    const symbol = this.exported.get(typeName);
    if (symbol === undefined) throw new Error(`${typeName} is not exported`);
    const type = this.checker.getDeclaredTypeOfSymbol(symbol);
    return { ...this.inside(schema, type, typeName), description: this.textOf(symbol) };
  }

  private inside(schema: JsonSchema, type: ts.Type, at: string): JsonSchema {
    if (schema.$ref !== undefined) return schema;
    if (schema.enum !== undefined) this.requireValues(schema.enum, type, at);
    const { properties, items, additionalProperties } = schema;
    if (properties !== undefined) this.requireNames(Object.keys(properties), type, at);
    return {
      ...schema,
      ...(properties && {
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, field]) => [name, this.field(field, type, name, `${at}.${name}`)]),
        ),
      }),
      ...(items && { items: this.inside(items, this.indexed(type, ts.IndexKind.Number, at), `${at}[]`) }),
      ...(additionalProperties && {
        additionalProperties: this.inside(additionalProperties, this.indexed(type, ts.IndexKind.String, at), `${at}{}`),
      }),
    };
  }

  private field(field: JsonSchema, parent: ts.Type, name: string, at: string): JsonSchema {
    const symbol = this.fieldsOf(parent).get(name);
    if (symbol === undefined) throw new Error(`${at} is in the schema, and not in the type`);
    const type = this.typeOf(symbol);
    const text = this.textOf(symbol) ?? this.textOf(this.symbolOf(type));
    const inside = withoutText(this.inside(field, type, at));
    if (text === undefined) return inside;
    const fallback = symbol.getJsDocTags(this.checker).find((tag) => tag.name === 'default');
    const value = fallback && defaultText(oneLine(ts.displayPartsToString(fallback.text)));
    return { description: value === undefined ? text : `${text} ${value}`, ...inside };
  }

  /** All fields of a type, of each of its forms where it has several. */
  private fieldsOf(type: ts.Type): ReadonlyMap<string, ts.Symbol> {
    const forms = type.isUnion() ? type.types : [type];
    const fields = forms
      .flatMap((form) => this.checker.getPropertiesOfType(form))
      .filter((symbol) => (this.typeOf(symbol).flags & (ts.TypeFlags.Never | ts.TypeFlags.Undefined)) === 0);
    return new Map(fields.map((symbol) => [symbol.name, symbol]));
  }

  private typeOf(symbol: ts.Symbol): ts.Type {
    return this.checker.getNonNullableType(this.checker.getTypeOfSymbol(symbol));
  }

  private indexed(type: ts.Type, kind: ts.IndexKind, at: string): ts.Type {
    const found = this.checker.getIndexTypeOfType(type, kind);
    if (found === undefined) throw new Error(`${at} holds values in the schema, and none in the type`);
    return this.checker.getNonNullableType(found);
  }

  private requireNames(names: readonly string[], type: ts.Type, at: string): void {
    const fields = [...this.fieldsOf(type).values()].filter((symbol) => {
      return this.typeOf(symbol).getCallSignatures().length === 0;
    });
    const missing = fields.filter(({ name }) => !names.includes(name)).map(({ name }) => name);
    if (missing.length > 0) throw new Error(`${at}: ${missing.join(', ')} in the type, and not in the schema`);
  }

  private requireValues(values: readonly unknown[], type: ts.Type, at: string): void {
    const forms = type.isUnion() ? type.types : [type];
    const known = forms.map((form) => (form.isStringLiteral() ? form.value : this.checker.typeToString(form)));
    if (known.toSorted().join() !== values.map(String).toSorted().join())
      throw new Error(`${at}: ${values.join(', ')} in the schema, and ${known.join(', ')} in the type`);
  }

  /** undefined for what a type of the language or of nobody would say. */
  private symbolOf(type: ts.Type): ts.Symbol | undefined {
    const symbol = type.aliasSymbol ?? type.getSymbol();
    const file = symbol?.declarations?.[0]?.getSourceFile().fileName ?? 'node_modules';
    return file.includes('node_modules') ? undefined : symbol;
  }

  private textOf(symbol: ts.Symbol | undefined): string | undefined {
    const text = symbol && ts.displayPartsToString(symbol.getDocumentationComment(this.checker));
    return text === undefined || text === '' ? undefined : oneLine(text);
  }
}

function withoutText({ description: _, ...rest }: JsonSchema): JsonSchema {
  return rest;
}

function oneLine(text: string): string {
  return text
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** `'worker'`, `20 - BMO's own` or `- none`, as a sentence. */
function defaultText(text: string): string {
  const [, value = '', remark = ''] = /^(?:(.*?) )??- (.*)$/.exec(text) ?? [undefined, text];
  const shown = value.replaceAll(/^'(.*)'$/g, '$1');
  return `Default: ${[shown, remark].filter(Boolean).join(', ')}.`;
}
