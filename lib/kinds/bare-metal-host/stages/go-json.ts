/**
 * JSON in annotations as the Bare Metal Operator reads it, which is as Go does: names without regard to case, null for
 * nothing, and a value of another type an error. A shape that is made from the schema of a host tells it to jq, which
 * decides whether what an annotation holds can be read, and to a Go template, which writes it as the operator would.
 */
import type { SchemaNode } from '../../../crd';
import { hostSchemasOf } from '../schema';

/**
 * A value's type in Go. Of text (`s`), whole numbers (`i`), numbers (`n`) and truth (`b`) what is nothing is left out,
 * as `omitempty` does; in capitals it is written nevertheless, and after a `*` left out only where nothing is given.
 * `t` is a time. `list` holds values of one shape, `struct` fields by name, and is written even where it is empty;
 * `pointer` is a struct that may be missing.
 */
export type Shape =
  | 's'
  | 'i'
  | 'n'
  | 'b'
  | 't'
  | 'S'
  | 'I'
  | 'B'
  | '*s'
  | '*i'
  | '*b'
  | { readonly list: Shape }
  | { readonly struct: Fields }
  | { readonly pointer: Fields };
type Fields = { readonly [name: string]: Shape };

/** What the schema does not tell: fields that Go has a pointer for, `[]` for the items of a list. */
const POINTERS = new Set([
  'hardware',
  'hardware.nics[].lldp',
  'provisioning.customDeploy',
  'provisioning.firmware',
  'provisioning.firmware.simultaneousMultithreadingEnabled',
  'provisioning.firmware.sriovEnabled',
  'provisioning.firmware.virtualizationEnabled',
  'provisioning.image.ociAuthSecretName',
  'provisioning.raid',
  'provisioning.raid.hardwareRAIDVolumes[].numberOfPhysicalDisks',
  'provisioning.raid.hardwareRAIDVolumes[].rotational',
  'provisioning.raid.hardwareRAIDVolumes[].sizeGibibytes',
  'provisioning.raid.softwareRAIDVolumes[].physicalDisks[].rotational',
  'provisioning.raid.softwareRAIDVolumes[].sizeGibibytes',
  'provisioning.rootDeviceHints',
  'provisioning.rootDeviceHints.rotational',
  'goodCredentials.credentials',
  'triedCredentials.credentials',
]);

function fieldsOf({ properties = {}, required = [] }: SchemaNode, path: string): Fields {
  const fields = Object.entries(properties).map(([name, field]) => {
    return [name, shapeOf(field, path === '' ? name : `${path}.${name}`, required.includes(name))] as const;
  });
  return Object.fromEntries(fields);
}

function shapeOf(node: SchemaNode, path: string, isRequired: boolean): Shape {
  if (node.items !== undefined) return { list: shapeOf(node.items, `${path}[]`, false) };
  const isPointer = POINTERS.has(path);
  if (node.properties !== undefined) {
    const fields = fieldsOf(node, path);
    return isPointer ? { pointer: fields } : { struct: fields };
  }
  if (node.format === 'date-time') return 't';
  const letter = node.type?.charAt(0) ?? 's';
  return (isPointer ? `*${letter}` : isRequired ? letter.toUpperCase() : letter) as Shape;
}

const { status, hardware } = hostSchemasOf('v0.13.2');

/** Hardware details, in which a field that is unknown is an error. */
export const hardwareShape: Shape = { struct: fieldsOf(hardware, 'hardware') };

/** A host's status, in which a field that is unknown does not count. */
export const statusShape = { struct: fieldsOf(status, '') };

/**
 * The jq that is true for text that holds JSON of a shape.
 *
 * @param text jq for the text
 * @param isStrict whether a field that the shape does not have is an error
 */
export function isReadable(text: string, shape: Shape, isStrict: boolean): string {
  return (
    `(def readable($shape): . == null or if ($shape | type) == "string" then ($shape[-1:] | ascii_downcase) as $kind | ` +
    `if $kind == "s" then type == "string" elif $kind == "b" then type == "boolean" ` +
    `elif $kind == "t" then type == "string" and test("^\\\\d{4}-\\\\d\\\\d-\\\\d\\\\dT\\\\d\\\\d:\\\\d\\\\d:\\\\d\\\\d(\\\\.\\\\d+)?(Z|[+-]\\\\d\\\\d:\\\\d\\\\d)$") ` +
    `elif $kind == "i" then type == "number" and . == floor else type == "number" end ` +
    `elif $shape.list then type == "array" and all(.[]; readable($shape.list)) ` +
    `else ($shape.struct // $shape.pointer) as $fields | type == "object" and all(to_entries[]; ` +
    `(.key | ascii_downcase) as $name | ([$fields | to_entries[] | select((.key | ascii_downcase) == $name) | .value][0]) as $field | ` +
    `if $field == null then ${isStrict ? 'false' : 'true'} else .value | readable($field) end) end; ` +
    `${text} | try (fromjson | readable(${JSON.stringify(shape)})) catch false)`
  );
}

/**
 * Go template text that leaves the template `go`, which writes a value (`v`) as JSON of a shape (`t`), to be merged: at
 * the places where the old value may have something and the new one has nothing stands null; in a list (`in`) nothing.
 */
export const goJsonTemplate = [
  '{{- define "go" -}}{{- $v := .v -}}{{- $t := .t -}}{{- $in := .in -}}',
  '{{- if kindIs "string" $t -}}',
  '{{- $zero := dict "s" "" "t" "" "b" false | dig (lower $t) 0 -}}',
  '{{- $v | default $zero | toJson -}}',
  '{{- else if hasKey $t "list" -}}',
  '[{{- range $each := $v -}}{{- template "go" (dict "v" $each "t" $t.list "in" true) -}},{{- end -}}]',
  '{{- else -}}',
  '{{- $given := dict -}}{{- range $k, $x := $v -}}{{- $_ := set $given (lower $k) $x -}}{{- end -}}',
  // A brace beside two others would be taken for theirs.
  '{ ',
  '{{- range $k, $s := ($t.struct | default $t.pointer) -}}',
  '{{- $x := index $given (lower $k) -}}{{- if hasKey ($v | default dict) $k -}}{{- $x = index $v $k -}}{{- end -}}',
  '{{- $isLeftOut := false -}}',
  '{{- if kindIs "string" $s -}}',
  '{{- if hasPrefix "*" $s -}}{{- $isLeftOut = kindIs "invalid" $x -}}{{- $s = trimPrefix "*" $s | upper -}}',
  '{{- else if eq $s (lower $s) -}}{{- $isLeftOut = empty $x -}}{{- end -}}',
  '{{- else if hasKey $s "list" -}}{{- $isLeftOut = empty $x -}}',
  '{{- else if hasKey $s "pointer" -}}{{- $isLeftOut = kindIs "invalid" $x -}}{{- end -}}',
  '{{- if not $isLeftOut -}}{{ $k | toJson }}:{{- template "go" (dict "v" $x "t" $s "in" $in) -}},',
  '{{- else if not $in -}}{{ $k | toJson }}:null,{{- end -}}',
  '{{- end -}}',
  '}{{- end -}}{{- end -}}',
].join('');

/** Go template text for the JSON of a value. @param operand a Go template operand; `goJsonTemplate` stands before */
export function goJson(operand: string, shape: Shape): string {
  return `{{- template "go" (dict "v" (${operand}) "t" (fromJson \`${JSON.stringify(shape)}\`) "in" false) -}}`;
}
