import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { script } from '../../programs/fake-program';

/**
 * Stands in for Docker and kind: programs of these names that keep what they were told in files. A cluster is a folder
 * `clusters/NAME` with a file for each node that says its state.
 */
export class FakeEngine {
  readonly env: NodeJS.ProcessEnv;

  constructor(private readonly dir: string) {
    const bin = join(dir, 'bin');
    mkdirSync(join(dir, 'clusters'), { recursive: true });
    mkdirSync(join(dir, 'images'), { recursive: true });
    this.env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
    script(join(bin, 'docker'), engineScript(dir));
    script(join(bin, 'kind'), kindScript(dir));
    // In place of a real one, which the machine may have.
    script(join(bin, 'podman'), 'echo "podman: not here" >&2; exit 125');
  }

  /** Every call so far, one line each. */
  get calls(): readonly string[] {
    const file = join(this.dir, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }

  /** What `kind get kubeconfig` gives. */
  serveAt(kubeconfig: string): void {
    writeFileSync(join(this.dir, 'kubeconfig'), kubeconfig);
  }

  addNode(cluster: string, node: string, state: string): void {
    mkdirSync(join(this.dir, 'clusters', cluster), { recursive: true });
    writeFileSync(join(this.dir, 'clusters', cluster, node), state);
  }

  addImage(image: string): void {
    writeFileSync(join(this.dir, 'images', image.replaceAll('/', '_')), '');
  }

  /** What a program does instead of its work: a line of shell. */
  spoil(program: 'docker' | 'kind', shell: string): void {
    writeFileSync(join(this.dir, `spoil-${program}`), shell);
  }

  /** As somebody who deletes a cluster by other means. */
  forget(cluster: string): void {
    rmSync(join(this.dir, 'clusters', cluster), { recursive: true });
  }

  has(cluster: string): boolean {
    return existsSync(join(this.dir, 'clusters', cluster));
  }
}

const HEAD = (dir: string, name: string) => `
cd ${dir}
echo "${name} $*" >> calls
[ -f spoil-${name} ] && . ./spoil-${name}
`;

const engineScript = (dir: string) => `${HEAD(dir, 'docker')}
case "$1" in
version) echo 28.0.0 ;;
ps) cluster=\${4##*=}; [ -d clusters/$cluster ] || exit 0
  for node in clusters/$cluster/*; do echo "$(basename $node) $(cat $node)"; done ;;
start) shift; for node in "$@"; do for file in clusters/*/$node; do echo running > $file; done; done ;;
inspect) echo node:v1 ;;
image) [ -f images/$(echo $3 | tr / _) ] ;;
pull) echo "pull access denied for $2" >&2; exit 1 ;;
esac`;

const kindScript = (dir: string) => `${HEAD(dir, 'kind')}
case "$1 $2" in
"--version ") echo "kind version 0.33.0" ;;
"create cluster") mkdir -p clusters/$4; echo running > clusters/$4/$4-control-plane
  echo " • Preparing nodes 📦  ..." >&2; echo " ✓ Preparing nodes 📦" >&2 ;;
"delete cluster") rm -rf clusters/$4 ;;
"get kubeconfig") cat kubeconfig ;;
esac`;
