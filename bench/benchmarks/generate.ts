import { interleaved, measure, measureNode, toResult } from '../measure';
import type { Benchmark } from '../benchmark';

const GENERATED = 1_000_000;
const BY_BASH = 3_000;

/**
 * What people do without us: a bash loop that prints a Secret and a host a turn, with a subshell for a random MAC, as in
 * the blog. Its usage comes from the shell itself; the subshells' CPU is in it, their memory is not.
 */
const BASH_LOOP = `
for ((i = 1; i <= $1; i++)); do
  mac=$(printf '00:60:2f:%02x:%02x:%02x' $((RANDOM % 256)) $((RANDOM % 256)) $((RANDOM % 256)))
  cat <<END
---
apiVersion: v1
kind: Secret
metadata: {name: worker-$i-bmc-secret}
type: Opaque
data: {username: YWRtaW4=, password: cGFzc3dvcmQ=}
---
apiVersion: metal3.io/v1alpha1
kind: BareMetalHost
metadata: {name: worker-$i}
spec:
  online: true
  bmc: {address: "libvirt://192.168.122.$i:6233/", credentialsName: worker-$i-bmc-secret}
  bootMACAddress: "$mac"
END
done
to_ms() { awk -F'[ms ]+' '{ total += $1 * 60000 + $2 * 1000 + $3 * 60000 + $4 * 1000 } END { print total }'; }
peak=$(awk '/VmHWM/ { print $2 / 1024 }' /proc/$$/status)
times >"$2"
echo "{\\"cpuMs\\": $(to_ms <"$2"), \\"peakRssMB\\": $peak}" >&3
rm -f "$2"
`;

export const generate: Benchmark = {
  name: 'generate',
  description: 'hosts and Secrets as YAML: metal3-testbed generate, beside the bash loop of the blog',
  async run() {
    const usage = await interleaved(
      {
        generate: () => measureNode('src/cli/main.js', ['generate', '--count', String(GENERATED)]),
        bash: () =>
          measure('bash', ['-c', BASH_LOOP, 'bash', String(BY_BASH), `/tmp/metal3-testbed-bench-${process.pid}`]),
      },
      3,
    );
    const bash = toResult('bash', BY_BASH, usage.bash);
    const ours = toResult('generate', GENERATED, usage.generate);
    return [{ ...ours, note: `${(ours.perSecond / bash.perSecond).toFixed(0)} x bash` }, bash];
  },
};
