import { isSupportedKubernetes, supportedKubernetes } from '../../components/cluster-api/kubernetes-versions';
import { clusterApiSpec } from '../../components/cluster-api/spec';
import { defaultVersion } from '../../components/baremetal-operator/releases';
import { check as checkSchema, describeProblems, type SchemaNode } from '../../crd';
import { invalidInput } from '../../errors';
import { isDnsLabel, requireAnnotations, requireDnsLabel, requireDnsSubdomain, requireLabels, show } from '../../names';
import { requireWhole } from '../../whole-number';
import { overlap, parseCidr, type Block } from '../bare-metal-host/address-plan';
import { plainText } from '../bare-metal-host/credentials';
import { imageProblems } from '../bare-metal-host/image-rules';
import { longNames } from './cluster-objects';
import { CONTROL_PLANE } from './cluster-parts';
import type { ClusterHealthCheck } from './types';
import type { ClusterOptions, ClusterSetProps, HostSelector, MachineImage } from './cluster-set-props';
import { healthCheck, machineMetaData, machineNetworkData } from './schema';
import { imageFor, type ClusterSettings } from './cluster-settings';

/** As Kubernetes releases are named; what follows a patch is a pre-release or a build. */
const KUBERNETES_VERSION = /^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
/** More than this in one cluster no Kubernetes has been made for. */
const MOST_MACHINES = 5_000;
const SHARE = /^\d{1,3}%$/;

export interface RuledCluster {
  readonly name: string;
  readonly settings: ClusterSettings;
}

export interface RuleContext {
  /** What the cluster is called in errors: `cluster c-1/c-1 of cluster set c`. */
  readonly where: string;
  /** Release of Cluster API that takes care of it. */
  readonly clusterApi: string;
  /** Release of BMO that its hosts have. */
  readonly operator: string;
}

/**
 * Refuses a cluster that the managers or a person could do nothing with.
 *
 * @throws TestbedError (`invalid-input`)
 */
export function checkCluster({ name, settings }: RuledCluster, context: RuleContext): void {
  const { where } = context;
  checkNames(name, settings, where);
  checkMachines(settings, where);
  checkVersions(settings, context);
  checkNetwork(settings, where);
  checkSpecs(settings, where);
  const images = [settings.image, ...settings.groups.map(({ image }) => image)];
  for (const image of new Set(images)) requireImage(image, where, context.operator);
  const selectors = [settings.hostSelector, ...settings.groups.map(({ hostSelector }) => hostSelector)];
  for (const selector of new Set(selectors)) requireSelector(selector, where);
  requireLabels(settings.options.labels ?? {});
  requireAnnotations(settings.options.annotations ?? {});
  for (const { labels } of settings.groups) requireLabels(labels);
  for (const field of [
    'nodeDrainTimeoutSeconds',
    'nodeVolumeDetachTimeoutSeconds',
    'nodeDeletionTimeoutSeconds',
  ] as const)
    requireWhole(`${field} of ${where}`, settings.options[field] ?? 0, 0, 2 ** 31 - 1);
}

/** @throws TestbedError (`invalid-input`) for keys that nobody can use; none is ever part of the error */
export function checkKeys({ keySeed, certificateAuthority }: ClusterSetProps, what: string): void {
  if (keySeed !== undefined && certificateAuthority !== undefined)
    throw invalidInput(`keySeed and certificateAuthority ${what} are both given: give one of them`);
  if (keySeed === '') throw invalidInput(`keySeed ${what} is empty: give any text, or leave it out`);
  if (certificateAuthority === undefined) return;
  const { certificate, key } = certificateAuthority;
  requirePem(`certificateAuthority.certificate ${what}`, certificate, ['CERTIFICATE']);
  requirePem(`certificateAuthority.key ${what}`, plainText(key), ['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY']);
}

function requirePem(what: string, text: string, labels: readonly string[]): void {
  const [, label = ''] = /^\s*-----BEGIN ([A-Z0-9 ]+)-----\r?\n[A-Za-z0-9+/=\s]+-----END \1-----\s*$/.exec(text) ?? [];
  if (!labels.includes(label))
    throw invalidInput(
      `${what} is not PEM of one ${labels.join(', ')}: give the whole text, from its BEGIN to its END`,
    );
}

function checkNames(name: string, settings: ClusterSettings, where: string): void {
  for (const group of settings.groups)
    requireDnsLabel(`name of a group of machineDeployments of ${where},`, group.name);
  const names = settings.groups.map((group) => group.name);
  const twice = names.find((each, i) => names.indexOf(each) < i);
  if (twice !== undefined)
    throw invalidInput(`machineDeployments of ${where} have two groups named ${twice}: give each a name of its own`);
  if (names.includes(CONTROL_PLANE))
    throw invalidInput(
      `machineDeployments of ${where} have a group named ${CONTROL_PLANE}, as the control plane is: give it another name`,
    );
  for (const long of [name, ...longNames(name, settings)]) {
    if (isDnsLabel(long)) continue;
    throw invalidInput(
      `${where} has objects named ${show(long)} (${long.length} characters), and Cluster API puts their names into labels, which take 63: shorten name or namePattern, or the name of its group`,
    );
  }
}

function checkMachines(settings: ClusterSettings, where: string): void {
  const { controlPlanes, groups, etcd, rollout, options } = settings;
  requireWhole(`controlPlanes of ${where}`, controlPlanes, 1, MOST_MACHINES);
  if (options.workers !== undefined && options.machineDeployments !== undefined)
    throw invalidInput(`${where} gives both workers and machineDeployments: give one of them`);
  requireWhole(`workers of ${where}`, options.workers ?? 1, 0, MOST_MACHINES);
  for (const { name, replicas } of groups)
    requireWhole(`replicas of group ${name} of ${where}`, replicas, 0, MOST_MACHINES);
  if (etcd === 'stacked') requireOddControlPlanes(controlPlanes, `controlPlanes of ${where}`);
  if (etcd === 'stacked' && options.etcdEndpoints !== undefined)
    throw invalidInput(`${where} gives etcdEndpoints, and its etcd is stacked: leave them out, or set etcd: external`);
  const { maxSurge = 1, maxUnavailable = 0, controlPlaneMaxSurge, type } = rollout;
  if (controlPlaneMaxSurge === 0 && controlPlanes < 3)
    throw invalidInput(
      `rollout.controlPlaneMaxSurge of ${where} is 0, which takes 3 control planes or more, and it has ${controlPlanes}: use 1, which needs a spare host`,
    );
  if (type !== 'OnDelete') requireRollout({ maxSurge, maxUnavailable }, where, 'rollout.');
}

/** @throws TestbedError (`invalid-input`) for a number of members of etcd that Cluster API does not take */
export function requireOddControlPlanes(count: number, what: string): void {
  if (count % 2 !== 0) return;
  throw invalidInput(
    `${what} is ${count}, and a stacked etcd has as many members, of which Cluster API wants an odd number: use ${Math.max(1, count - 1)} or ${count + 1}, or an external etcd`,
  );
}

/** Whether it is a number of machines, or a share of them. */
function isNumberOrShare(value: number | string): boolean {
  return typeof value === 'number' ? Number.isInteger(value) && value >= 0 : SHARE.test(value);
}

/** @param prefix of the fields, in errors. @throws TestbedError (`invalid-input`) */
export function requireRollout(
  { maxSurge, maxUnavailable }: { readonly maxSurge: number | string; readonly maxUnavailable: number | string },
  where: string,
  prefix = '',
): void {
  for (const [field, value] of [
    ['maxSurge', maxSurge],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    if (!isNumberOrShare(value))
      throw invalidInput(
        `${prefix}${field} of ${where} is ${show(value)}: use a whole number from 0, or a share such as '25%'`,
      );
  }
  if (maxSurge === 0 && maxUnavailable === 0)
    throw invalidInput(
      `${where} has ${prefix}maxSurge and ${prefix}maxUnavailable 0, so that no machine could ever be replaced: raise one of them`,
    );
}

/**
 * @param clusterApi release of Cluster API
 * @throws TestbedError (`invalid-input`) for what is not a version, or one that the release does not support
 */
export function requireKubernetesVersion(
  version: string,
  where: string,
  clusterApi: string = clusterApiSpec.defaultVersion,
): void {
  if (typeof version !== 'string' || !KUBERNETES_VERSION.test(version))
    throw invalidInput(`kubernetesVersion ${show(version)} of ${where} is not a version: write it as 'v1.35.0'`);
  const supported = supportedKubernetes(clusterApi);
  if (supported === undefined || isSupportedKubernetes(version, supported)) return;
  throw invalidInput(
    `kubernetesVersion ${version} of ${where} is not supported by Cluster API ${clusterApi}: use one of ${supported.first} to ${supported.last}`,
  );
}

function checkVersions(settings: ClusterSettings, { where, clusterApi }: RuleContext): void {
  const versions = [settings.kubernetesVersion, ...settings.groups.map((each) => each.kubernetesVersion)];
  for (const version of new Set(versions)) requireKubernetesVersion(version, where, clusterApi);
}

function checkNetwork(settings: ClusterSettings, where: string): void {
  const { podCidrBlocks, serviceCidrBlocks, serviceDomain } = settings;
  requireDnsSubdomain(`serviceDomain of ${where},`, serviceDomain);
  const pods = blocksOf('podCidrBlocks', podCidrBlocks, where);
  const services = blocksOf('serviceCidrBlocks', serviceCidrBlocks, where);
  for (const pod of pods) {
    const clash = services.find((service) => overlap(pod, service));
    if (clash !== undefined)
      throw invalidInput(
        `podCidrBlocks ${show(pod.cidr)} and serviceCidrBlocks ${show(clash.cidr)} of ${where} overlap: give blocks that share no address`,
      );
  }
}

function blocksOf(field: string, cidrs: readonly string[], where: string): readonly Block[] {
  if (cidrs.length === 0) throw invalidInput(`${field} of ${where} is empty: give at least one CIDR, or leave it out`);
  const blocks = cidrs.map((cidr) => parseCidr(cidr, `${field} of ${where},`));
  const [first, second] = blocks;
  if (blocks.length > 2 || (second !== undefined && first?.version === second.version))
    throw invalidInput(
      `${field} ${show(cidrs.join(', '))} of ${where} are ${blocks.length}: Kubernetes takes one of IPv4, one of IPv6, or both`,
    );
  return blocks;
}

/** As CAPM3 and, once a host is given it, BMO look at it. @throws TestbedError (`invalid-input`) */
export function requireImage(image: MachineImage, where: string, operator: string = defaultVersion): void {
  const { url, checksum, diskFormat } = imageFor(image, 'v1.35.0');
  const [problem] = imageProblems({ url, checksum, format: diskFormat }, operator, 'image');
  if (problem !== undefined) throw invalidInput(`${where}: ${problem}`);
}

const NUMBER_OF_VALUES: Readonly<Record<string, string>> = { exists: 'none', '!': 'none', in: 'some', notin: 'some' };

/** @throws TestbedError (`invalid-input`) */
export function requireSelector(selector: HostSelector | undefined, where: string): void {
  if (selector === undefined) return;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0)
    throw invalidInput(`hostSelector of ${where} is empty: give matchLabels or matchExpressions, or leave it out`);
  requireLabels(matchLabels);
  for (const { key, operator, values = [] } of matchExpressions) {
    requireLabels({ [key]: '' });
    const wanted = NUMBER_OF_VALUES[operator] ?? 'one';
    const isFine =
      wanted === 'none' ? values.length === 0 : wanted === 'some' ? values.length > 0 : values.length === 1;
    if (!isFine)
      throw invalidInput(
        `hostSelector of ${where} has the operator '${operator}' on ${key} with ${values.length} values: it takes ${wanted}`,
      );
  }
  const keys = matchExpressions.map(({ key }) => key);
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  if (twice !== undefined)
    throw invalidInput(
      `hostSelector of ${where} has two matchExpressions on ${twice}, of which CAPM3 takes one: join them`,
    );
}

/** Conditions that are not for a MachineHealthCheck to look at: they follow from it, or sum others up. */
const NOT_LOOKED_AT = ['Ready', 'Available', 'HealthCheckSucceeded', 'OwnerRemediated', 'ExternallyRemediated'];

/** What is typed in the words of the API, as its schemas have it. */
function checkSpecs({ options }: ClusterSettings, where: string): void {
  const { metaData, networkData, healthCheck: check, dataTemplates = true } = options;
  requireMachineData({ metaData, networkData }, where);
  if (check !== undefined) {
    requireShape('healthCheck', healthCheck, check, where);
    requireHealthCheck(check, where, 'healthCheck.');
  }
  if (!dataTemplates && (metaData !== undefined || networkData !== undefined))
    throw invalidInput(
      `${where} gives ${metaData === undefined ? 'networkData' : 'metaData'}, and dataTemplates is false: leave one of them out`,
    );
}

function requireShape(field: string, schema: SchemaNode, value: unknown, where: string): void {
  const problems = checkSchema(schema, value, field);
  if (problems.length > 0) throw invalidInput(`${where}: ${describeProblems(problems)}`);
}

/** As the API server and CAPM3's webhook look at it. @throws TestbedError (`invalid-input`) */
export function requireMachineData(
  { metaData, networkData }: Pick<ClusterOptions, 'metaData' | 'networkData'>,
  where: string,
): void {
  if (metaData !== undefined) requireShape('metaData', machineMetaData, metaData, where);
  if (networkData !== undefined) requireShape('networkData', machineNetworkData, networkData, where);
  for (const { key, interface: name, fromBootMAC = false } of metaData?.fromHostInterfaces ?? [])
    if ((name === undefined) !== fromBootMAC)
      throw invalidInput(
        `metaData.fromHostInterfaces ${show(key)} of ${where} needs either interface or fromBootMAC: true, and has ${fromBootMAC ? 'both' : 'neither'}`,
      );
  for (const family of ['ipv4', 'ipv6'] as const)
    for (const { id, ipAddressFromIPPool, fromPoolRef, fromPoolAnnotation } of networkData?.networks?.[family] ?? [])
      if (ipAddressFromIPPool === undefined && fromPoolRef === undefined && fromPoolAnnotation === undefined)
        throw invalidInput(
          `networkData.networks.${family} ${show(id)} of ${where} names no pool: give ipAddressFromIPPool, fromPoolRef or fromPoolAnnotation`,
        );
}

/** @param prefix of the fields, in errors. @throws TestbedError (`invalid-input`) */
export function requireHealthCheck(check: Partial<ClusterHealthCheck>, where: string, prefix = ''): void {
  const { unhealthyInRange, unhealthyLessThanOrEqualTo: most, unhealthyMachineConditions } = check;
  if (unhealthyInRange !== undefined && most !== undefined)
    throw invalidInput(
      `${where} gives both ${prefix}unhealthyInRange and ${prefix}unhealthyLessThanOrEqualTo: give one of them`,
    );
  if (most !== undefined && !isNumberOrShare(most))
    throw invalidInput(
      `${prefix}unhealthyLessThanOrEqualTo of ${where} is ${show(most)}: use a whole number from 0, or a share such as '40%'`,
    );
  const summary = unhealthyMachineConditions?.find(({ type }) => NOT_LOOKED_AT.includes(type));
  if (summary !== undefined)
    throw invalidInput(
      `${prefix}unhealthyMachineConditions of ${where} have ${summary.type}, which follows from others: use a condition other than ${NOT_LOOKED_AT.join(', ')}`,
    );
}
