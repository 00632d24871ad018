export {
  operatorArguments,
  type OperatorCommand,
  type OperatorOptions,
  type OperatorProcessOptions,
} from './arguments';
export { BareMetalOperator, type BareMetalOperatorProps } from './baremetal-operator';
export type { ComputeResources } from './pod';
export { releases, type BareMetalOperatorVersion, type Release } from './releases';
