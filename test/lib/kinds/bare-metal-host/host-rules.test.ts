import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostProblems, checkHost } from '../../../../lib/kinds/bare-metal-host/host-rules';
import type { BareMetalHostManifest } from '../../../../lib/kinds/bare-metal-host/manifests';
import type { BareMetalHostSpec } from '../../../../lib/kinds/bare-metal-host/schema';
import { refuses } from '../../../support/refuses';

const OLD = 'v0.13.2';
const NEW = 'v0.14.0-rc.0';
const MAC = '00:60:2f:00:00:01';

interface Given extends Partial<BareMetalHostSpec> {
  readonly metadata?: Partial<BareMetalHostManifest['metadata']>;
}

function host({ metadata, ...spec }: Given): BareMetalHostManifest {
  return {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: { name: 'host-1', namespace: 'default', ...metadata },
    spec: {
      online: true,
      bmc: { address: 'redfish://bmc/redfish/v1/Systems/1', credentialsName: 'bmc' },
      bootMACAddress: MAC,
      ...spec,
    },
  };
}

function taken(given: Given, ...releases: readonly string[]): void {
  for (const release of releases) {
    assert.deepEqual(hostProblems(host(given), release), [], `${release}: ${JSON.stringify(given)}`);
  }
}

function refused(given: Given, problem: RegExp, ...releases: readonly string[]): void {
  for (const release of releases) {
    const problems = hostProblems(host(given), release);
    assert.equal(problems.length, 1, `${release}: ${JSON.stringify(given).slice(0, 300)}: ${problems.join('; ')}`);
    assert.match(problems[0] ?? '', problem);
  }
}

const image = (url: string, more: object = { checksum: 'abc' }): Given => ({ image: { url, ...more } });
const annotated = (key: string, value: string): Given => ({ metadata: { annotations: { [key]: value } } });
const status = (value: string) => annotated('baremetalhost.metal3.io/status', value);

describe('the image of a host', () => {
  it('has a URL that Go takes', () => {
    for (const url of [
      'http://images.example:8o/a.qcow2',
      'http://images.example/50%.qcow2',
      'http://{{ ip }}/a',
      'http://[fd00::1/a',
      'http://images example/a',
      'oci://node:40.1',
      'images.example/a.qcow2',
      '',
      ' http://images.example/a',
      'http://images.example/a\n',
    ]) {
      for (const release of [OLD, NEW]) {
        const found = hostProblems(host(image(url, { checksum: 'abc', format: 'live-iso' })), release);
        assert.match(found.join('; '), /spec\.image\.url [^]* is not a valid URL/, url);
      }
    }
    taken(image('http://images.example/a b{}|<>.qcow2?x=%zz#'), OLD, NEW);
    taken(image('HTTPS://user@images.example:/a'), OLD, NEW);
    taken(image('https://$(HOST)/{a}.qcow2'), OLD, NEW);
  });

  it('has any scheme, or none, before v0.14, and one of five from then on', () => {
    for (const url of ['file:///images/a.qcow2', 'nfs://store/a', '/images/a.qcow2', 'unix:///a', 'data:x', '*']) {
      taken(image(url), OLD);
      refused(image(url), /has a scheme that v0\.14 does not take: use one of http, https, ftp, gopher, oci/, NEW);
    }
    for (const url of ['http://a/b', 'https:b', 'ftp://a/b', 'Gopher://a']) taken(image(url), OLD, NEW);
  });

  it('has more than one colon in its host before v0.14 only', () => {
    taken(image('http://fd00::1/a'), OLD);
    refused(image('http://fd00::1/a'), /its port is not a number/, NEW);
    taken(image('ftp://fd00::1/a'), OLD, NEW);
  });

  it('has a checksum unless it is a live ISO or from a registry, where v0.14 wants none', () => {
    refused(image('http://a/b', {}), /checksum is missing/, OLD, NEW);
    refused(image('http://a/b', { checksum: '' }), /checksum is missing/, OLD, NEW);
    taken(image('http://a/b', { format: 'live-iso' }), OLD, NEW);
    taken(image('OCI://a/b', {}), OLD, NEW);
    taken(image('oci://a/b'), OLD);
    refused(image('oci://a/b'), /checksum is given for an oci:\/\/ image/, NEW);
  });

  it('shows no password in an error', () => {
    const problems = hostProblems(host(image('http://user:pa55w0rd@ho st/x')), OLD).join();
    assert.match(problems, /is not a valid URL/);
    assert.doesNotMatch(problems, /pa55/);
  });
});

describe('the boot MAC address of a host', () => {
  const without = (address: string, more: Given = {}): Given => ({
    bmc: { address, credentialsName: 'bmc' },
    bootMACAddress: undefined,
    ...more,
  });

  it('is left out with Redfish from v0.14 on', () => {
    for (const scheme of ['redfish', 'idrac-redfish+https', 'ilo5-redfish', 'redfish-uefihttp+http']) {
      taken(without(`${scheme}://bmc/1`), NEW);
      taken(without(`${scheme}://bmc/1`, { inspectionMode: 'fast' }), NEW);
      refused(without(`${scheme}://bmc/1`), /the protocol .* needs one/, OLD);
    }
    taken(without('ipmi://bmc'), OLD, NEW);
    refused(without('libvirt://bmc:6233/'), /the protocol libvirt needs one/, OLD, NEW);
  });

  it('is needed without inspection, however that is said', () => {
    refused(without('redfish://bmc/1', { inspectionMode: 'disabled' }), /without inspection/, OLD, NEW);
    const { metadata } = annotated('inspect.metal3.io', 'disabled');
    refused(without('ipmi://bmc', { metadata: metadata! }), /without inspection/, OLD, NEW);
  });

  it('has 6, 8 or 20 octets with colons', () => {
    for (const rest of ['', ':aA:0b', ':00'.repeat(14)]) taken({ bootMACAddress: MAC + rest }, OLD, NEW);
    for (const bad of [`${MAC}:00`, `x${MAC}`, `${MAC}-00-00`, `${MAC}${':00'.repeat(13)}`, `${MAC} `]) {
      refused({ bootMACAddress: bad }, /is not a valid MAC address: write 6, 8 or 20 octets/, OLD, NEW);
    }
    for (const bad of ['00-60-2f-00-00-01', '0060.2f00.0001', '00602f000001', '']) {
      refused({ bootMACAddress: bad }, /spec\.bootMACAddress: must match/, OLD, NEW);
    }
  });

  it('is looked at no further where there is no BMC', () => {
    taken({ bmc: undefined, bootMACAddress: `about ${MAC}` }, OLD, NEW);
    taken({ bmc: { address: '', credentialsName: '' }, bootMACAddress: undefined, firmware: {} }, OLD, NEW);
  });
});

describe('the status annotation of a host', () => {
  it('may have some of the fields, null, and names in any case', () => {
    for (const value of [
      '{"errorCount":3}',
      '{"PROVISIONING":{"State":"available"}}',
      '{"provisioning":{"state":"somewhere","raid":{"softwareRAIDVolumes":[{"level":"9"}]}}}',
      '{"errorType":"","lastUpdated":null,"hardware":null,"operationHistory":{"register":{"start":null}}}',
      '{"operationalStatus":"detached","errorType":"inspection error"} and more',
      'null',
      '{"conditions":[{"type":"Ready"}]}',
      '',
    ]) {
      taken(status(value), OLD, NEW);
    }
  });

  it('has no unknown field and no value of another type', () => {
    refused(status('{"powerdOn":true}'), /^status\.powerdOn: unknown field; did you mean 'poweredOn'\?$/, OLD, NEW);
    refused(status('{"poweredOn":"yes"}'), /^status\.poweredOn: must be true or false/, OLD, NEW);
    refused(status('{"errorCount":1.0}'), /^status\.errorCount: must be a whole number/, OLD, NEW);
    refused(status('{"lastUpdated":""}'), /^status\.lastUpdated: must be a time/, OLD, NEW);
    refused(status('{"provisioning":[]}'), /^status\.provisioning: must be an object/, OLD, NEW);
    refused(status('[]'), /annotation baremetalhost\.metal3\.io\/status must be an object/, OLD, NEW);
    refused(status('{"provisioning":'), /annotation .*\/status ends before its JSON does/, OLD, NEW);
    refused(status(' '), /ends before/, OLD, NEW);
  });

  it('has an operational status and error type that the webhook knows, which is fewer than the API server does', () => {
    refused(status('{"operationalStatus":"servicing"}'), /^status\.operationalStatus: must be one of/, OLD, NEW);
    refused(status('{"OperationalStatus":"ok"}'), /^status\.operationalStatus: must be one of/, OLD, NEW);
    refused(status('{"errorType":"servicing error"}'), /^status\.errorType: must be one of/, OLD, NEW);
    refused(status('{"errorType":"x","errorType":null}'), /^status\.errorType: must be one of/, OLD, NEW);
    taken(status('{"errorType":"x","errorType":""}'), OLD, NEW);
  });

  it('has the fields of the release', () => {
    for (const value of ['{"provisioningFailCount":1}', '{"lastAttemptedImage":{"url":"x"}}']) {
      taken(status(value), NEW);
      refused(status(value), /unknown field/, OLD);
    }
  });
});

describe('other annotations of a host', () => {
  const details = (value: string, more: Given = { inspectionMode: 'disabled' }): Given => ({
    ...annotated('inspect.metal3.io/hardwaredetails', value),
    ...more,
  });

  it('give hardware details that BMO can decode, while inspection is off', () => {
    for (const value of [
      '{}',
      'null',
      '{"nics":[{"mac":"x","vlanId":9999}],"CPU":{"Arch":"x"}}',
      '{"ramMebibytes":-1}',
    ]) {
      taken(details(value), OLD, NEW);
    }
    taken(details('', {}), OLD, NEW);
    refused(details('{}', {}), /inspection is on/, OLD, NEW);
    refused(details('{"ram":1}'), /hardwaredetails: hardware\.ram unknown field/, OLD, NEW);
    refused(details('{"cpu":{"count":"4"}}'), /hardware\.cpu\.count must be a whole number/, OLD, NEW);
    refused(details('{"nics":[{"vlanId":2147483648}]}'), /vlanId must be a whole number/, OLD, NEW);
    refused(details('[]'), /must be an object/, OLD, NEW);
  });

  it('ask for a reboot, with and without a name behind it', () => {
    for (const key of ['reboot.metal3.io', 'reboot.metal3.io/mine']) {
      for (const value of [
        '',
        '{"mode":"hard"}',
        '{"MODE":"soft","force":true}',
        '{"mode":null,"x":[1]}',
        'null',
        '{}',
      ]) {
        taken(annotated(key, value), OLD, NEW);
      }
      for (const value of ['{"mode":"Hard"}', '{"mode":1}', '{"force":"true"}', '{} x', 'hard', '[]', '"hard"', ' ']) {
        refused(annotated(key, value), /use '', or JSON such as/, OLD, NEW);
      }
    }
    taken(annotated('reboot.metal3.iox', 'anything'), OLD, NEW);
  });

  it('may say anything where BMO does not look', () => {
    for (const key of ['baremetalhost.metal3.io/paused', 'baremetalhost.metal3.io/detached', 'x']) {
      taken(annotated(key, '{"deleteAction": nonsense'), OLD, NEW);
    }
  });

  it('have keys with a prefix in any case, and 256 KiB in all', () => {
    taken(annotated('Example.COM/Key', 'x'), OLD, NEW);
    refused(annotated('Exam_ple.COM/Key', 'x'), /annotation key .* is not allowed/, OLD, NEW);
    refused(annotated(`${'a'.repeat(254)}/x`, 'x'), /annotation key .* is not allowed/, OLD, NEW);
    refused(annotated(`x/${'a'.repeat(64)}`, 'x'), /annotation key .* is not allowed/, OLD, NEW);
    taken(annotated('key', 'x'.repeat(256 * 1024 - 3)), OLD, NEW);
    refused(annotated('key', 'x'.repeat(256 * 1024 - 2)), /the annotations have 262145 bytes/, OLD, NEW);
    refused(annotated('key', 'é'.repeat(128 * 1024 - 1)), /the annotations have 262145 bytes/, OLD, NEW);
    refused({ metadata: { labels: { 'Example.COM/x': 'y' } } }, /label key .* is not allowed/, OLD, NEW);
    refused({ metadata: { labels: { x: 'a'.repeat(64) } } }, /at most 63/, OLD, NEW);
  });
});

describe('the name of a host', () => {
  const named = (name: string): Given => ({ metadata: { name } });

  it('is a DNS subdomain of up to 253 characters', () => {
    for (const name of ['rack-1.dc.example.com', '1.5', 'a'.repeat(64), `${'a.'.repeat(126)}a`, 'e1']) {
      taken(named(name), OLD, NEW);
    }
    for (const name of ['', 'Rack', 'a_b', '-a', 'a-', 'a..b', '.a', 'a.', 'a.-b', 'é', 'a'.repeat(254), 'a\n']) {
      refused(named(name), /host name [^]* is not a valid DNS subdomain/, OLD, NEW);
    }
  });

  it('is not a valid UUID, in any of the forms that Go takes', () => {
    const uuid = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
    for (const name of [uuid, `a${uuid}b`, `00${uuid.slice(1)}0`.slice(0, 38), uuid.replaceAll('-', '')]) {
      refused(named(name), /is a UUID/, OLD, NEW);
    }
    for (const name of [`a${uuid}`, `${uuid}b`, `a.${uuid}.b`, uuid.slice(1), uuid.replaceAll('-', '.')]) {
      taken(named(name), OLD, NEW);
    }
  });
});

describe('the rest of a host', () => {
  it('may name no Secret of credentials, which BMO tells as an error of the host', () => {
    taken({ bmc: { address: 'ipmi://bmc', credentialsName: '' } }, OLD, NEW);
  });

  it('has times and numbers that Go can hold', () => {
    const taint = (timeAdded: string): Given => ({ taints: [{ key: 'a', effect: 'b', timeAdded }] });
    taken(taint('2024-02-29T23:59:59.123+02:00'), OLD, NEW);
    for (const bad of [
      '2023-02-29T00:00:00Z',
      '2024-01-01t00:00:00z',
      '2024-01-01T24:00:00Z',
      '2024-13-01T00:00:00Z',
      '2024-01-01T0:00:00Z',
    ]) {
      refused(taint(bad), /must be a time/, OLD, NEW);
    }
    taken({ rootDeviceHints: { minSizeGigabytes: 2 ** 62 } }, OLD, NEW);
    refused({ rootDeviceHints: { minSizeGigabytes: 2 ** 63 } }, /must be an integer of 64 bits/, OLD, NEW);
  });

  it('is inspected fast by Redfish only, however the address is written', () => {
    for (const address of ['libvirt:198.51.100.4', 'IPMI://bmc', '198.51.100.4:623', 'bmc']) {
      const given: Given = { inspectionMode: 'fast', bmc: { address, credentialsName: 'x' } };
      refused(given, /inspectionMode fast is not supported by the protocol/, NEW);
    }
    taken({ inspectionMode: 'fast', bmc: { address: 'Redfish:bmc', credentialsName: 'x' } }, NEW);
  });
});

describe('a host whose release nobody knows', () => {
  it('is taken where any release takes it', () => {
    checkHost(host({ ...image('file:///a') }), 'host');
    checkHost(host({ bootMACAddress: undefined }), 'host');
  });

  it('is refused where none does, with what the nearest one says', () => {
    refuses(
      () => checkHost(host({ ...image('file:///a'), bootMACAddress: undefined }), 'host x'),
      /^host x is refused: spec\.image\.url 'file:\/\/\/a' has a scheme/,
    );
    refuses(() => checkHost(host({ networkInterfaces: [{}] }), 'host x'), /either name or macAddress|unknown field/);
  });
});
