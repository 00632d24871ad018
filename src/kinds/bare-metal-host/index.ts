import { bareMetalHostKind } from '../../../lib/kinds/bare-metal-host/kind';
import type { KindSteps } from '../kind-steps';
import { churn } from './churn';
import { clearHosts } from './clear';
import { giveCredentials, takeCredentials } from './credentials';
import { deleteHosts } from './delete';
import { enroll } from './enroll';
import { failHosts } from './failing-hosts';
import * as hostSteps from './host-steps';

export type HostStepKind =
  keyof typeof hostSteps | 'churn' | 'delete' | 'enroll' | 'failHosts' | 'giveCredentials' | 'takeCredentials';

/** What a scenario does to BareMetalHosts. */
export const bareMetalHostSteps: KindSteps<HostStepKind> = {
  kind: bareMetalHostKind,
  actions: (simulator) => ({
    ...hostSteps,
    enroll,
    churn,
    delete: deleteHosts,
    takeCredentials,
    giveCredentials,
    failHosts: failHosts(simulator),
  }),
  clear: clearHosts,
};
