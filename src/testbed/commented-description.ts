/** A testbed.yaml to begin with: what most people change, and behind # what they may want next. */
export const COMMENTED_DESCRIPTION = `# yaml-language-server: $schema=node_modules/metal3-testbed/testbed.schema.json
#
# metal3-testbed up         brings this to life
# metal3-testbed run        runs the scenario below and measures it
# metal3-testbed explain X  says what a key, a step or a state is

# The simulated hosts. Names, MAC and BMC addresses follow from their index.
hostSets:
  - name: worker
    count: 100
    namespace: lab
    hostsPerNamespace: 20 # hosts of one namespace get in each other's way
    # labels: { rack: fake }
    # overrides: [{ hosts: 1-3, labels: { role: control-plane } }]

# Which releases of the Bare Metal Operator take care of them; several need namespaces of their own.
# operators:
#   - { version: v0.13.2, concurrency: 64 }

# Whole clusters, by Cluster API and CAPM3, each with hosts of its own.
# clusterSets:
#   - { name: c, count: 3, kubernetesVersion: v1.35.0, controlPlanes: 1, workers: 1 }

# How hosts behave where kwok simulates them (metal3-testbed up --simulator kwok).
# simulator:
#   inspectingMilliseconds: [2000, 10000]
#   failures: [{ state: provisioning, share: 0.01, recoversAfter: 2 }]

# What is done to them, and measured.
scenario:
  name: first walk
  steps:
    - enroll: {}
    - provision: { perSecond: 50 }
    # - killOperator: { downSeconds: 5 }
    - deprovision: { share: 0.5 }
`;
