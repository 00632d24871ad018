/** Programs in Python and Go with the SDKs that Pulumi makes of the provider's schema, with their real language hosts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { listMetadata } from '../../src/install/metadata';
import { Lab } from '../faults/support/lab';
import { isOnPath, runProgram } from '../support/cli';
import { HOSTS_PATH } from '../support/hosts';
import { PulumiProject } from '../support/pulumi';

const COUNT = 20;
/** As somebody types it who has installed the package. */
const PROVIDER = './node_modules/.bin/pulumi-resource-metal3-testbed';

const PYTHON = `
import os
import pulumi
import pulumi_metal3_testbed as testbed

fleet = testbed.HostFleet(
    "hosts",
    kubeconfig=os.environ["LAB_KUBECONFIG"],
    count=${COUNT},
    namespace="lab",
    hosts_per_namespace=10,
    credentials=testbed.HostFleetCredentialsArgs(username="admin", password="canary"),
    overrides=[testbed.HostFleetOverridesArgs(hosts="1-2", labels={"rack": "a"})],
)
pulumi.export("pattern", fleet.host_names.pattern)
pulumi.export("objects", fleet.objects)
`;

const GO = `package main

import (
	"os"

	"example.com/pulumi-metal3-testbed/sdk/go/metal3testbed"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		fleet, err := metal3testbed.NewHostFleet(ctx, "hosts", &metal3testbed.HostFleetArgs{
			Kubeconfig:        pulumi.String(os.Getenv("LAB_KUBECONFIG")),
			Count:             pulumi.Int(${COUNT}),
			Namespace:         pulumi.String("lab"),
			HostsPerNamespace: pulumi.Int(10),
			Credentials: &metal3testbed.HostFleetCredentialsArgs{
				Username: pulumi.String("admin"),
				Password: pulumi.String("canary"),
			},
			Overrides: metal3testbed.HostFleetOverridesArray{&metal3testbed.HostFleetOverridesArgs{
				Hosts:  pulumi.Any("1-2"),
				Labels: pulumi.StringMap{"rack": pulumi.String("a")},
			}},
		})
		if err != nil {
			return err
		}
		ctx.Export("pattern", fleet.HostNames.Pattern())
		ctx.Export("objects", fleet.Objects)
		return nil
	})
}
`;

/** Go writes it anew once the program says what it imports. */
const GO_MOD = 'module fleet\n\ngo 1.25\n';

describe('programs with a generated SDK, with a real Pulumi engine', { timeout: 1_200_000 }, () => {
  let lab: Lab;
  let dir: string;
  before(async () => {
    lab = await Lab.start();
    dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-sdks-'));
  });
  after(async () => {
    await lab.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const projectOf = (language: string): PulumiProject => {
    const folder = mkdtempSync(join(dir, `${language}-`));
    const env = { LAB_KUBECONFIG: lab.kubeconfig, PYTHONPATH: join(folder, 'installed') };
    const project = new PulumiProject(folder, '', env);
    project.linkProvider();
    const plugins = { providers: [{ name: 'metal3-testbed', path: 'node_modules/.bin' }] };
    writeFileSync(join(project.dir, 'Pulumi.yaml'), stringify({ name: 'fleet', runtime: language, plugins }));
    return project;
  };
  const hosts = () => listMetadata(lab.client, HOSTS_PATH);

  /** From nothing to hosts, to no changes, to nothing. */
  const lives = async (project: PulumiProject) => {
    await project.must(['stack', 'init', 'dev']);
    await project.must(['up', '--yes']);
    const made = await hosts();
    assert.equal(made.length, COUNT);
    assert.equal(made.filter(({ metadata }) => metadata.labels?.['rack'] === 'a').length, 2);
    assert.deepEqual(JSON.parse(await project.must(['stack', 'output', '--json'])), {
      pattern: 'worker-{index}',
      objects: { 'BareMetalHost.metal3.io': COUNT, Namespace: 2, Secret: COUNT },
    });
    await project.must(['up', '--yes', '--expect-no-changes']);
    await project.must(['destroy', '--yes']);
    assert.equal((await hosts()).length, 0);
  };

  it('in Python make hosts, change nothing the second time, and leave nothing', async (t) => {
    for (const name of ['pulumi', 'pulumi-language-python'])
      if (!(await isOnPath(name))) return t.skip(`${name} is not on PATH`);
    const { code } = await runProgram('python3', ['-c', 'import pulumi, parver']);
    if (code !== 0) return t.skip('python3 has no pulumi, or not what SDKs need: pip install pulumi parver');
    const project = projectOf('python');
    await project.must(['package', 'gen-sdk', PROVIDER, '--language', 'python', '--out', 'sdk']);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', 'installed', './sdk/python'];
    const installed = await runProgram('python3', pip, { cwd: project.dir });
    assert.equal(installed.code, 0, installed.stderr);
    writeFileSync(join(project.dir, '__main__.py'), PYTHON);
    await lives(project);
  });

  it('in Go make hosts, change nothing the second time, and leave nothing', async (t) => {
    for (const name of ['pulumi', 'pulumi-language-go', 'go'])
      if (!(await isOnPath(name))) return t.skip(`${name} is not on PATH`);
    const project = projectOf('go');
    writeFileSync(join(project.dir, 'go.mod'), GO_MOD);
    writeFileSync(join(project.dir, 'main.go'), 'package main\n\nfunc main() {}\n');
    await project.must(['package', 'add', PROVIDER]);
    writeFileSync(join(project.dir, 'main.go'), GO);
    const { code, stderr } = await runProgram('go', ['mod', 'tidy'], { cwd: project.dir });
    assert.equal(code, 0, stderr);
    await lives(project);
  });
});
