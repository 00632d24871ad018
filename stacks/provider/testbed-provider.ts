/** The resources of this package for programs in any language, as the server of `@pulumi/pulumi/provider` has them. */
import type * as provider from '@pulumi/pulumi/provider';
import { invalidInput } from '../../lib/errors';
import { version } from '../../src/util/version';
import { hasUnknowns } from '../resources/property-values';
import { failuresOf } from '../resources/require-arguments';
import { packageSchema } from './package-schema';
import { SERVED } from './served';
import type { ResourcePlace, ServedResource } from './served-resource';
import { received, sent, type Received } from './wire-values';

type Values = Readonly<Record<string, unknown>>;

/** What an operation gives back. */
interface Made {
  readonly id: string;
  readonly outs: object;
}

export class TestbedProvider implements provider.Provider {
  readonly version = version;

  getSchema(): Promise<string> {
    return Promise.resolve(JSON.stringify(packageSchema()));
  }

  async check(urn: string, olds: unknown, news: unknown): Promise<provider.CheckResult> {
    const { resource, place } = resourceOf(urn);
    const given = received(news);
    const before = received(olds).values;
    const args = { ...decidedOf(resource, place, before), ...given.values };
    // What a program cannot give: the plan of an earlier check.
    delete args['plan'];
    const secrets = secretsOf(resource, given);
    const refused = failuresOf(() => resource.refuse(place, args));
    if (refused.length > 0 || hasUnknowns(args)) return { inputs: sent(args, secrets), failures: refused };
    const checked = (await resource.operations.check(before, resource.inputsOf(place, args))) as provider.CheckResult;
    const { plan } = checked.inputs as { readonly plan?: string };
    return { inputs: sent({ ...args, plan }, secrets), failures: checked.failures };
  }

  async diff(id: string, urn: string, olds: unknown, news: unknown): Promise<provider.DiffResult> {
    const { resource, place } = resourceOf(urn);
    const { values } = received(news);
    if (hasUnknowns(values)) return { changes: true };
    const before = stateOf(resource, place, received(olds));
    return resource.operations.diff(id, before, inputsOf(resource, place, values));
  }

  async create(urn: string, news: unknown): Promise<provider.CreateResult> {
    const { resource, place } = resourceOf(urn);
    const given = received(news);
    const answer = (outs: object) => outputs(resource, place, given, outs);
    const made: Made = await partly(answer, resource.operations.create(inputsOf(resource, place, given.values)));
    return { id: made.id, outs: answer(made.outs) };
  }

  async read(id: string, urn: string, props: unknown): Promise<provider.ReadResult> {
    const { resource, place } = resourceOf(urn);
    const given = received(props);
    if (Object.keys(given.values).length === 0)
      throw invalidInput(`a ${typeOf(urn)} cannot be imported: ${resource.insteadOfImport}`);
    const result = await resource.operations.read(id, stateOf(resource, place, given));
    if (result.props === undefined) return { id: result.id ?? '', props: {} };
    return { id: result.id ?? '', props: outputs(resource, place, given, result.props as object) };
  }

  async update(id: string, urn: string, olds: unknown, news: unknown): Promise<provider.UpdateResult> {
    const { resource, place } = resourceOf(urn);
    const given = received(news);
    const answer = (outs: object) => outputs(resource, place, given, outs);
    const before = stateOf(resource, place, received(olds));
    const inputs = inputsOf(resource, place, given.values);
    const made: Pick<Made, 'outs'> = await partly(answer, resource.operations.update(id, before, inputs));
    return { outs: answer(made.outs) };
  }

  async delete(id: string, urn: string, props: unknown): Promise<void> {
    const { resource, place } = resourceOf(urn);
    await resource.operations.delete(id, stateOf(resource, place, received(props)));
  }
}

/** `urn:pulumi:STACK::PROJECT::PARENTS$TYPE::NAME` */
function resourceOf(urn: string): { readonly resource: ServedResource; readonly place: ResourcePlace } {
  const [first = '', project = '', , ...names] = urn.split('::');
  const resource = SERVED[typeOf(urn)];
  if (resource === undefined)
    throw invalidInput(`metal3-testbed has no resource ${typeOf(urn)}: use one of ${Object.keys(SERVED).join(', ')}`);
  return { resource, place: { urn, project, stack: first.split(':').at(-1) ?? '', name: names.join('::') } };
}

function typeOf(urn: string): string {
  const types = urn.split('::')[2] ?? '';
  return types.split('$').at(-1)?.split(':').at(-1) ?? '';
}

function inputsOf(resource: ServedResource, place: ResourcePlace, args: Values): Values {
  return { ...resource.inputsOf(place, argumentsOf(resource, args)), ...pick(args, ['plan']) };
}

function decidedOf({ decided = () => ({}) }: ServedResource, place: ResourcePlace, before: Values): Values {
  const now = decided(place);
  return { ...now, ...pick(before, Object.keys(now)) };
}

/** What the operations know a resource by. */
function stateOf(resource: ServedResource, place: ResourcePlace, { values }: Received): Values {
  return {
    ...inputsOf(resource, place, argumentsOf(resource, values)),
    ...pick(values, Object.keys(resource.results)),
  };
}

/** The results, and what follows from the arguments, have names of their own. */
function argumentsOf(resource: ServedResource, values: Values): Values {
  const others = new Set([...Object.keys(resource.results), ...Object.keys(resource.faces?.properties ?? {})]);
  return Object.fromEntries(Object.entries(values).filter(([key]) => !others.has(key)));
}

function outputs(resource: ServedResource, place: ResourcePlace, given: Received, outs: object): object {
  const args = argumentsOf(resource, given.values);
  return sent(
    { ...args, ...resource.faces?.of(place, args), ...pick(outs as Values, Object.keys(resource.results)) },
    secretsOf(resource, given),
  );
}

function secretsOf(resource: ServedResource, { values, secrets }: Received): ReadonlySet<string> {
  return new Set([...secrets, ...resource.secretsOf(values)]);
}

/** Where an operation ends half-way, what it has recorded is what the engine is to record. */
async function partly<T>(answer: (outs: object) => object, result: Promise<unknown>): Promise<T> {
  try {
    return (await result) as T;
  } catch (error) {
    const half = error as { properties?: object };
    if (half.properties !== undefined) half.properties = answer(half.properties);
    throw error;
  }
}

function pick(values: Values, keys: readonly string[]): Values {
  return Object.fromEntries(keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]));
}
