import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BareMetalHostSpec, BareMetalHostStatus } from '../../../lib/kinds/bare-metal-host/schema';
import {
  array,
  check,
  enumeration,
  intOrString,
  map,
  mapList,
  nullable,
  object,
  required,
  string,
  withDefault,
  type Infer,
} from '../../../lib/crd';

/** True where both types are the same, `readonly` and `?` included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles for `true` alone. */
function holds<T extends true>(proof?: T): void {
  assert.equal(proof, undefined);
}

const sample = object({
  url: required(string()),
  format: enumeration('raw', 'qcow2'),
  sizes: nullable(array(object({ gib: required(intOrString()) }))),
  labels: map(string()),
});

// This file is the test: it does not compile where a type is wrong, or where an error that is expected is missing.
describe('the type of a schema', () => {
  it('has its fields readonly, the optional ones as such', () => {
    const value: Infer<typeof sample> = { url: 'http://images/a.qcow2', sizes: [{ gib: 1 }, { gib: '2' }] };
    assert.deepEqual(check(sample, value, 'sample'), []);
    holds<
      Same<
        Infer<typeof sample>,
        {
          readonly url: string;
          readonly format?: 'raw' | 'qcow2' | undefined;
          readonly sizes?: readonly { readonly gib: number | string }[] | null | undefined;
          readonly labels?: Readonly<Record<string, string>> | undefined;
        }
      >
    >();
  });

  it('is the same for a field with a default, which the API server fills in', () => {
    const spec = object({ mode: withDefault(enumeration('a', 'b'), 'a') });
    holds<Same<Infer<typeof spec>, { readonly mode?: 'a' | 'b' | undefined }>>();
    assert.deepEqual(check(spec, {}, 'spec'), []);
    // @ts-expect-error: a default is one of the values
    withDefault(enumeration('a', 'b'), 'c');
  });

  it('refuses map keys that the items do not have', () => {
    mapList(object({ type: required(string()) }), ['type']);
    // @ts-expect-error: no such field
    mapList(object({ type: required(string()) }), ['kind']);
  });

  it('tells what a host may be', () => {
    const online = true;
    const image = online ? undefined : { url: 'http://images/a.qcow2' };
    const host: BareMetalHostSpec = { online, image, bmc: { address: 'ipmi://10.0.0.1', credentialsName: 'bmc' } };
    assert.equal(host.online, true);
    // @ts-expect-error: online is required
    const noOnline: BareMetalHostSpec = {};
    // @ts-expect-error: a field that does not exist
    const unknown: BareMetalHostSpec = { online, bootMacAddress: '00:00:00:00:00:01' };
    // @ts-expect-error: a value that is not allowed
    const bootMode: BareMetalHostSpec = { online, bootMode: 'uefi' };
    // @ts-expect-error: a type that is wrong, deep inside
    const raid: BareMetalHostSpec = { online, raid: { softwareRAIDVolumes: [{ level: 1 }] } };
    // @ts-expect-error: readonly
    host.online = false;
    void [noOnline, unknown, bootMode, raid];
  });

  it('tells what is known of a host', () => {
    holds<Same<BareMetalHostStatus['errorCount'], number>>();
    holds<
      Same<NonNullable<NonNullable<BareMetalHostStatus['conditions']>[number]>['status'], 'True' | 'False' | 'Unknown'>
    >();
  });
});
