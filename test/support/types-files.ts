/** Types, as `npm run schema` writes them from schemas: each field with its description. */
import { asOf, type SchemaNode } from '../../lib/crd';
import { hostTypes } from '../../lib/kinds/bare-metal-host/schema';
import { clusterTypes } from '../../lib/kinds/cluster/schema';
import { reportTypes } from '../../src/report/report';

type Names = Readonly<Record<string, SchemaNode>>;

/** Each file with what is to be in it. */
export function typesFiles(): readonly { readonly file: string; readonly text: string }[] {
  return [
    {
      file: 'lib/kinds/bare-metal-host/types.ts',
      text: typesText('schema.ts', hostTypes, [
        "import type { AllOptional } from '../../crd';\n",
        '/** The status that a host starts with, or some of its fields. */',
        'export type StartingStatus = AllOptional<BareMetalHostStatus>;\n',
      ]),
    },
    { file: 'lib/kinds/cluster/types.ts', text: typesText('schema.ts', clusterTypes) },
    { file: 'src/report/types.ts', text: typesText('report.ts', reportTypes) },
  ];
}

/** Releases before and after all that a schema tells apart: what both require is required in TypeScript. */
const FIRST = 'v0.0.0';
const LAST = 'v999.0.0';

function typesText(source: string, names: Names, first: readonly string[] = []): string {
  const types = Object.entries(names).map(([name, node]) => {
    const type = node.properties === undefined ? `type ${name} = ` : `interface ${name} `;
    const end = node.properties === undefined ? ';\n' : '\n';
    return `${doc(node, '')}export ${type}${new Types(names).unnamed(node, '')}${end}`;
  });
  const head = `/** What ${source} describes, as types. Written by \`npm run schema\`: change it there. */`;
  return [head, ...first, ...types].join('\n');
}

class Types {
  constructor(private readonly names: Names) {}

  unnamed(node: SchemaNode, indent: string): string {
    if (node.type === 'boolean') return 'boolean';
    if (node.type === 'integer' || node.type === 'number') return 'number';
    if (node.enum !== undefined) return node.enum.map((value) => `'${String(value)}'`).join(' | ');
    if (node.type === 'string') return 'string';
    if (node.items !== undefined) {
      const items = this.typeOf(node.items, indent);
      return items.includes(' | ') ? `readonly (${items})[]` : `readonly ${items}[]`;
    }
    if (node.additionalProperties !== undefined)
      return `Readonly<Record<string, ${this.typeOf(node.additionalProperties, indent)}>>`;
    if (node.properties !== undefined) return this.fieldsOf(node, indent);
    if (node['x-kubernetes-int-or-string'] === true) return 'number | string';
    if (node['x-kubernetes-preserve-unknown-fields'] === true) return 'Readonly<Record<string, unknown>>';
    throw new Error(`no type is known for ${JSON.stringify(node)}`);
  }

  private typeOf(node: SchemaNode, indent: string): string {
    const type = this.nameOf(node) ?? this.unnamed(node, indent);
    return node.nullable === true ? `${type} | null` : type;
  }

  private fieldsOf(node: SchemaNode, indent: string): string {
    const inner = `${indent}  `;
    const required = new Set(asOf(LAST, node as object).required);
    const requiredFirst = new Set(asOf(FIRST, node as object).required);
    const fields = Object.entries(node.properties ?? {}).map(([name, field]) => {
      const isRequired = required.has(name) && requiredFirst.has(name);
      const type = this.typeOf(field, inner) + (isRequired ? '' : ' | undefined');
      return `${doc(field, inner)}${inner}readonly ${name}${isRequired ? '' : '?'}: ${type};\n`;
    });
    return `{\n${fields.join('')}${indent}}`;
  }

  /** The name of a type that has the same fields or the same values: descriptions may differ from place to place. */
  private nameOf(node: SchemaNode): string | undefined {
    const found = Object.entries(this.names).find(([, each]) =>
      node.properties === undefined
        ? node.enum !== undefined && node.type === 'string' && node.enum === each.enum
        : node.properties === each.properties,
    );
    return found?.[0];
  }
}

function doc({ description = '' }: SchemaNode, indent: string): string {
  if (description === '') return '';
  const words = description.split(' ');
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && `${indent} * ${last} ${word}`.length <= 120) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const whole = `${indent}/** ${description} */\n`;
  if (whole.length <= 121) return whole;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}
