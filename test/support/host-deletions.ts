/** Hosts that are deleted in each state, whatever else holds for them. */
import {
  DETACHED,
  PAUSED,
  STATUS,
  afterErrors,
  annotate,
  available,
  deleted,
  image,
  inState,
  provisioned,
  remove,
  settle,
  settled,
  spec,
  until,
  type HostScenario,
  type Step,
} from './host-scenario';

/** How a host comes into a state. */
const ways: readonly (readonly [state: string, steps: readonly Step[], given?: object])[] = [
  ['unmanaged', [settled], { bmc: undefined }],
  ['registering', [until('registering')]],
  ['inspecting', [until('inspecting')]],
  ['available', available],
  ['provisioning', [...available, until('provisioning', spec({ image }))]],
  ['provisioned', [...available, ...provisioned]],
  ['externally provisioned', [settled], { externallyProvisioned: true }],
  ['deprovisioning', [...available, ...provisioned, until('deprovisioning', spec({ image: null }))]],
];

const whileThere = ways.flatMap(([state, steps, given]): readonly HostScenario[] => [
  {
    name: `deleted while ${state} and paused, unpaused`,
    spec: given,
    steps: [...steps, settle(annotate({ [PAUSED]: '' })), settle(remove), settle(annotate({ [PAUSED]: null }))],
  },
  {
    name: `deleted while ${state} and detached, attached`,
    spec: given,
    steps: [
      ...steps,
      settle(annotate({ [DETACHED]: '{"deleteAction":"delay"}' })),
      settle(remove),
      settle(annotate({ [DETACHED]: null })),
    ],
  },
  {
    name: `deleted while ${state} and paused and detached, both undone`,
    spec: given,
    steps: [
      ...steps,
      settle(annotate({ [PAUSED]: '', [DETACHED]: '' }), remove),
      settle(annotate({ [DETACHED]: null })),
      settle(annotate({ [PAUSED]: null })),
    ],
  },
  {
    name: `deleted while ${state} with an emptied Secret`,
    spec: given,
    steps: [...steps, settle({ secret: {} }), deleted],
  },
  {
    name: `deleted while ${state} without its Secret`,
    spec: given,
    steps: [...steps, settle({ secret: null }), deleted],
  },
]);

const seededStates: readonly (readonly [state: string, provisioning?: object, given?: object])[] = [
  [''],
  ['unmanaged'],
  ['registering'],
  ['inspecting'],
  ['preparing'],
  ['ready'],
  ['match profile'],
  ['available'],
  ['provisioning', {}, { image }],
  ['provisioned', { image }, { image }],
  ['externally provisioned', {}, { externallyProvisioned: true }],
  ['deprovisioning', { image }],
  ['powering off before delete'],
  ['deleting'],
  ['bored'],
];

const seeded = seededStates.flatMap(([state, provisioning, given]): readonly HostScenario[] => {
  const name = state === '' ? 'no state' : state;
  const annotations = { [STATUS]: JSON.stringify(inState(state, {}, provisioning)) };
  const failed = inState(
    state,
    { operationalStatus: 'error', errorType: 'registration error', errorMessage: 'old', errorCount: 5 },
    provisioning,
  );
  return [
    {
      name: `seeded ${name} without a Secret, deleted`,
      secret: null,
      annotations,
      spec: given,
      steps: [settled, afterErrors(remove)],
    },
    // A host that goes without being deleted is given its finalizer back again and again.
    ...(/^(powering off before delete|deleting)$/.test(state)
      ? []
      : [
          {
            name: `seeded ${name} and detached, deleted`,
            spec: given,
            annotations: { ...annotations, [DETACHED]: '' },
            steps: [settled, afterErrors(remove)],
          },
        ]),
    {
      name: `seeded ${name} in error without a Secret, deleted`,
      secret: null,
      spec: given,
      annotations: { [STATUS]: JSON.stringify(failed) },
      steps: [settled, afterErrors(remove)],
    },
  ];
});

export const deletions: readonly HostScenario[] = [...whileThere, ...seeded];
