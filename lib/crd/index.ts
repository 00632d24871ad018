/**
 * A vocabulary in which a custom resource is written once. The same lines give its `openAPIV3Schema`, its TypeScript
 * type (`Infer<typeof schema>`) and the check that runs when an object is constructed (`check`).
 *
 * Why not TypeBox or another schema library: what they write is JSON Schema, and a CRD takes only the structural part
 * of it (one `type` a node, no `$ref`, no union of types, `nullable` as a keyword, `x-kubernetes-*`). Each of those
 * would be an unsafe escape there, with the inferred type given by hand. Their errors name JSON pointers and keywords,
 * and none suggests the field that was meant. A node here is the very object that goes into the CRD.
 */
export { check, describeProblems, MISSING, validate, type Problem } from './check';
export {
  customResource,
  type CustomResourceDefinition,
  type CustomResourceProps,
  type CustomResourceVersion,
  type PrinterColumn,
} from './custom-resource';
export { jsonSchema } from './json-schema';
export { condition, conditionList, objectReference, secretReference } from './kubernetes';
export type { Condition, ObjectReference, SecretReference } from './kubernetes';
export {
  allOptional,
  anything,
  array,
  boolean,
  bytes,
  dateTime,
  described,
  enumeration,
  integer,
  intOrString,
  map,
  mapList,
  nullable,
  number,
  object,
  required,
  setList,
  string,
  unknownFields,
  withDefault,
  type AllOptional,
  type Infer,
  type IntegerConstraints,
  type ListConstraints,
  type NumberConstraints,
  type ObjectOptions,
  type RequiredField,
  type Schema,
  type SchemaNode,
  type StringConstraints,
  type ValidationRule,
} from './schema';
export { asOf, changedIn, requiredBefore, requiredSince, since } from './since';
export { closest } from './suggest';
