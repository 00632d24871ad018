import type { CompleteProvider } from '../resources/provider-results';
import type { SchemaProperty } from '../resources/schema-property';

type Values = Readonly<Record<string, unknown>>;

/** Which resource it is. */
export interface ResourcePlace {
  readonly project: string;
  readonly stack: string;
  readonly name: string;
  readonly urn: string;
}

/**
 * A resource as a program in any language has it: the operations of Node.js programs, on flat arguments. Its state has the
 * arguments, the results, and what follows from the arguments, each by a name of its own.
 */
export interface ServedResource {
  readonly description: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each has inputs of its own
  readonly operations: CompleteProvider<any, any>;
  /** What a program may give. */
  readonly args: Readonly<Record<string, SchemaProperty>>;
  readonly required: readonly string[];
  /** What the operations find out. */
  readonly results: Readonly<Record<string, SchemaProperty>>;
  /** What else a program may want to know. @default nothing */
  readonly faces?: {
    readonly properties: Readonly<Record<string, SchemaProperty>>;
    of(place: ResourcePlace, args: Values): Values;
  };
  /**
   * What is decided when the resource is made, unless it is given, and stays when the resource or its stack is renamed.
   * @default - nothing
   */
  readonly decided?: (place: ResourcePlace) => Values;
  /**
   * Refuses arguments; those that are known only later are left alone.
   *
   * @throws TestbedError (`invalid-input`) for what cannot be
   */
  refuse(place: ResourcePlace, args: Values): void;
  /** What the operations take of the arguments. Nothing is refused: a state may be of an earlier version. */
  inputsOf(place: ResourcePlace, args: Values): Values;
  /** What somebody does who has one already, since none can be imported. */
  readonly insteadOfImport: string;
  /** Properties that are never to be shown, of those that there are. */
  secretsOf(args: Values): readonly string[];
}
