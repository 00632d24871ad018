import type { ErrorCode } from '../../lib/errors';

/** An error that people meet, with what stands behind it. */
export interface ExplainedError {
  /** A part of the message that no other one has, as the code has it: what is filled in is left out. */
  readonly message: string;
  readonly why: string;
  readonly remedy: string;
}

/** What each code of an error means, with the errors of it that people meet first. */
export interface ExplainedCode {
  readonly exitCode: number;
  readonly means: string;
  readonly errors: readonly ExplainedError[];
}

/** By code; a code that were missing here would not compile. */
export const EXPLAINED_ERRORS: Readonly<Record<ErrorCode, ExplainedCode>> = {
  'invalid-input': {
    exitCode: 2,
    means: 'A description, an option or a file says something that is not allowed. Nothing was written.',
    errors: [
      {
        message: 'unknown field',
        why: 'The description has a key that the schema does not know, often a typing error: the message names the nearest one.',
        remedy:
          "Look the key up with 'metal3-testbed explain hostSets', or let an editor check the file against testbed.schema.json.",
      },
      {
        message: 'watch all namespaces',
        why: 'Two operators would take care of the same hosts.',
        remedy: 'Give each operator watchedNamespaces of its own.',
      },
      {
        message: 'is refused by its operator, BMO',
        why: "A host says something that the operator's webhook of that release refuses.",
        remedy: 'Change what the message names; it is refused here before anything is written.',
      },
      {
        message: 'exists already and is not the parent of a set',
        why: 'A ConfigMap has the name that the set was to have, and belongs to something else.',
        remedy: 'Choose another name with --set, or delete that ConfigMap.',
      },
      {
        message: 'cannot be adopted',
        why: 'A kind cluster of this name is there and differs from what the options ask for.',
        remedy: 'Leave out what differs, choose another --name, or delete the cluster.',
      },
      {
        message: 'skips TLS verification for the context',
        why: 'The kubeconfig has insecure-skip-tls-verify, with which anybody could answer for the cluster.',
        remedy: 'Give certificate-authority-data in the kubeconfig.',
      },
    ],
  },
  environment: {
    exitCode: 3,
    means: 'This machine lacks something: a program, a port, room on a disk, a container engine.',
    errors: [
      {
        message: 'no container engine answers',
        why: 'kind needs Docker or Podman, and none runs.',
        remedy: "Start one of them, or use '--cluster local', which needs neither.",
      },
      {
        message: 'is in use by another process',
        why: 'Another process listens on a port that was asked for.',
        remedy: 'End that process, choose another port, or leave the choice out.',
      },
      {
        message: 'other processes listen where clusters are to be served',
        why: 'Each cluster has a port of 127.0.0.1, and some of them are taken, often by another testbed.',
        remedy:
          "Stop the other testbed ('metal3-testbed down --state-dir DIR'), or set endpointPort of the cluster set.",
      },
      {
        message: 'the disk is full',
        why: 'The state folder holds the data of etcd, the cache holds programs of up to 500 MB.',
        remedy: 'Free some space, or choose another --state-dir or XDG_CACHE_HOME.',
      },
      {
        message: 'cannot be had, so deleted namespaces stay Terminating',
        why: 'kube-controller-manager could not be found, downloaded or built; this is a warning.',
        remedy: "See why with 'metal3-testbed doctor --programs'; --without-controller-manager does without it.",
      },
      {
        message: 'etcd cannot start from its data',
        why: 'The data of the embedded control plane is damaged, as by a full disk or a power cut.',
        remedy: "Restore the folder from a copy, or begin again: 'metal3-testbed down --delete'.",
      },
    ],
  },
  timeout: {
    exitCode: 4,
    means:
      'What was waited for had not happened when its time was over. What was done stays, and the same command goes on.',
    errors: [
      {
        message: 'objects were still pending when their step timed out',
        why: 'Hosts or clusters did not get where a step was to take them; the report names the first few, each with why.',
        remedy:
          "Look at them with 'metal3-testbed status', at the operator's log, or give the step more timeoutSeconds.",
      },
      {
        message: 'its KubeadmConfig does not exist any more',
        why: 'On a busy machine the kubeadm control plane provider may take back the parts of a Machine that it has just made; the Machine waits for them for ever.',
        remedy: 'kubectl delete machine -n NAMESPACE NAME: another one is made, and what waits goes on.',
      },
      {
        message: 'the API server was not ready',
        why: 'It did not come up in time: a slow disk, a machine under load, or damaged data. The last lines of its log are in the message.',
        remedy: "Run the same command again; where it is the data, 'metal3-testbed down --delete'.",
      },
      {
        message: 'to be established',
        why: 'The API server took a CRD and has not begun to serve its kind.',
        remedy: 'Look at the conditions of the CRD that the message names: its names may be taken by another one.',
      },
      {
        message: 'timed out after ${waitMs / 1000} s, nothing was changed',
        why: 'Another run works on the same set of objects, and holds its Lease.',
        remedy: 'Wait for it or stop it, then run this again. A killed run is in the way for 15 seconds at most.',
      },
    ],
  },
  cluster: {
    exitCode: 5,
    means: 'The API server refused something, or cannot be reached.',
    errors: [
      {
        message: 'cannot be reached',
        why: 'Nothing answers at the address of the kubeconfig.',
        remedy:
          "Check that the cluster is up: 'metal3-testbed status' says which of its processes does not run, 'up' starts them again.",
      },
      {
        message: 'shows a certificate that cannot be verified',
        why: 'The kubeconfig is of another cluster, or of one that was made anew since.',
        remedy: 'Take a new kubeconfig; check certificate-authority-data and tls-server-name.',
      },
      {
        message: "the cluster's etcd is full and takes no more writes",
        why: 'etcd has reached its quota.',
        remedy: 'Make room on its disk or raise its quota, then run this again to continue.',
      },
      {
        message: 'objects were refused:',
        why: 'Validation, a webhook, a quota or missing rights: each object is named with what the API server said.',
        remedy: 'Change the objects that are named; the others have been applied, and are not written again.',
      },
      {
        message: 'exists already and belongs to somebody else',
        why: 'An object of this name is there without the label of this set, so it is not touched.',
        remedy: 'Rename yours, or delete that one first.',
      },
    ],
  },
};
