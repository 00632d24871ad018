/** What each state of a kind means, and what brings an object out of it: by kind, then by state. */
export const STATE_TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  BareMetalHost: {
    new: 'It was written, and no operator has looked at it yet. If it stays: does an operator run, and watch its namespace?',
    unmanaged: 'It has no BMC address or credentials, so nobody takes care of it. Give it spec.bmc.',
    registering:
      'Its BMC is asked, with the credentials of its Secret. If it stays: is the Secret there, with username and password?',
    inspecting: 'Its hardware is looked at. annotation inspect.metal3.io or inspectionMode: disabled leaves that out.',
    preparing: 'Firmware and RAID are set as the host asks for, and its disks are cleaned.',
    available: 'It is ready, and nobody uses it. An image, or a Metal3Machine that chooses it, takes it on.',
    provisioning: 'Its image is being written.',
    provisioned: 'It runs its image. Taking the image away deprovisions it.',
    'externally provisioned': 'It runs what somebody else has put there; the operator looks after its power alone.',
    deprovisioning: 'Its image is being taken off; available follows, by way of preparing.',
    'powering off before delete': 'It is being deleted, and switched off first.',
    deleting: 'It is being deleted: its finalizer goes once the operator has let go of it.',
  },
  Cluster: {
    new: 'It was written, and no manager has looked at it yet.',
    pending: 'Cluster API knows it; its infrastructure is not ready yet.',
    provisioning: 'Its infrastructure or its control plane is being made.',
    provisioned:
      'Its infrastructure and its first control plane are there; it is not available yet, and its conditions say why.',
    available: 'Its condition Available is true: control plane, workers and their API answer.',
    failed: 'A manager has given up on it: its conditions say why.',
    deleting: 'It is being deleted: machines first, and the cluster once they are gone.',
  },
  Machine: {
    new: 'It was written, and no manager has looked at it yet.',
    pending: 'It waits for bootstrap data, or for the control plane to be initialized.',
    provisioning:
      'CAPM3 has chosen a host, or looks for one; the host is being provisioned. If it stays: is a host available?',
    provisioned: 'Its host has its image; its Node has not joined the cluster yet.',
    running: 'Its Node has joined the cluster.',
    updating: 'It is being changed where it stands.',
    deleting: 'It is being deleted: its Node is drained, and its host given back.',
    failed: 'A manager has given up on it: its conditions say why.',
    unknown: 'Its phase is one that this package does not know.',
  },
};
