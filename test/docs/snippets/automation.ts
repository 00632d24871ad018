import { TestbedStacks } from 'metal3-testbed/pulumi';

async function main() {
  const stacks = await TestbedStacks.open({
    name: 'ci',
    cluster: { kind: 'kind', name: 'ci' },
    hosts: { hostSets: [{ name: 'worker', count: 1000, namespace: 'lab', hostsPerNamespace: 20 }] },
  });
  const { hosts } = await stacks.up();
  console.log(hosts.outputs.objects, hosts.outputs.readiness, hosts.changes, hosts.seconds);
  await stacks.destroy();
}

void main;
