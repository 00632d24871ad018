/** Hosts on kwok that stay in a state for as long as a test has something to do to them there. */
import type { Stage } from '../../lib/kinds/bare-metal-host/stages/stage';

/** Names the state in which a host is to stay. */
export const HOLD = 'metal3-testbed.test/hold';

/** Stages in which what takes time takes for ever, where a host is to stay in the state that it is in. */
export function withHold(stages: readonly Stage[]): Stage[] {
  const expression = `if .metadata.annotations["${HOLD}"] == (.status.provisioning.state // "") then "24h" else empty end`;
  return stages.map((stage) => {
    const { delay } = stage.spec;
    if (delay === undefined) return stage;
    return { ...stage, spec: { ...stage.spec, delay: { ...delay, durationFrom: { jq: { expression } } } } };
  });
}
