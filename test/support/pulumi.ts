import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { runProgram, root, type CliResult } from './cli';
import { tidyAtExit } from './tidy';

/** A Pulumi project in a folder of its own, as somebody has it who has installed the package; file backend, no account. */
export class PulumiProject {
  readonly env: Readonly<Record<string, string>>;
  private readonly stateDir: string;

  /**
   * @param program its JavaScript
   * @param isInstalled whether the folder has the package already, which is the repository otherwise
   */
  constructor(
    readonly dir: string,
    program: string,
    env: Readonly<Record<string, string>> = {},
    { isInstalled = false }: { readonly isInstalled?: boolean } = {},
  ) {
    tidyAtExit(dir);
    this.stateDir = join(dir, 'state');
    mkdirSync(this.stateDir);
    if (!isInstalled) {
      linkPackages(dir);
      writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'fleet', main: 'index.js' }));
    }
    writeFileSync(
      join(dir, 'Pulumi.yaml'),
      'name: fleet\nmain: index.js\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n',
    );
    this.write(program);
    this.env = {
      PULUMI_HOME: join(dir, 'home'),
      PULUMI_BACKEND_URL: `file://${this.stateDir}`,
      PULUMI_CONFIG_PASSPHRASE: 'test',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      ...env,
    };
  }

  /** Puts another program in the place of the last one. @param program its JavaScript */
  write(program: string): void {
    writeFileSync(join(this.dir, 'index.js'), program);
  }

  /**
   * Puts the provider of other languages into the project, as npm does, which also makes it executable.
   *
   * @param of the folder of the package
   */
  linkProvider(of = root): void {
    const main = join(of, 'build', 'stacks', 'provider', 'main.js');
    const bin = join(this.dir, 'node_modules', '.bin');
    const link = join(bin, 'pulumi-resource-metal3-testbed');
    chmodSync(main, 0o755);
    mkdirSync(bin, { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(main, link);
  }

  /** Runs `pulumi`, and gives back how it ended. */
  run(
    args: readonly string[],
    options: { env?: Record<string, string>; interruptAt?: RegExp } = {},
  ): Promise<CliResult> {
    const { env, ...rest } = options;
    return runProgram('pulumi', [...args, '--non-interactive'], {
      cwd: this.dir,
      env: { ...this.env, ...env },
      ...rest,
    });
  }

  /** As {@link run}. @throws where it fails */
  async must(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, { env });
    if (code !== 0) throw new Error(`pulumi ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
    return stdout + stderr;
  }

  /** Begins `pulumi`, to be killed. */
  begin(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    return spawn('pulumi', [...args, '--non-interactive'], {
      cwd: this.dir,
      env: { ...process.env, ...this.env, ...env },
      stdio: 'ignore',
    });
  }

  /** Whether a provider of this project still runs: a process of its own, which Pulumi starts. */
  get hasProvider(): boolean {
    return readdirSync('/proc').some((pid) => {
      try {
        const isHere = /^\d+$/.test(pid) && readlinkSync(join('/proc', pid, 'cwd')) === this.dir;
        return isHere && readFileSync(join('/proc', pid, 'cmdline'), 'utf8').includes('dynamic-provider');
      } catch {
        // It has ended in between, or is somebody else's.
        return false;
      }
    });
  }

  /** The state file of the stack `dev`. */
  get stateFile(): string {
    return join(this.stateDir, '.pulumi', 'stacks', 'fleet', 'dev.json');
  }

  get stateSize(): number {
    return statSync(this.stateFile).size;
  }

  /** Every file that Pulumi has written, for what must be in none of them. */
  *written(): Generator<{ readonly file: string; readonly text: string }> {
    for (const folder of [this.stateDir, join(this.dir, 'home')]) {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = join(entry.parentPath, entry.name);
        yield { file, text: readFileSync(file, 'latin1') };
      }
    }
  }
}

/** As npm installs the package, with what it needs. */
export function linkPackages(dir: string): void {
  mkdirSync(join(dir, 'node_modules', '@pulumi'), { recursive: true });
  symlinkSync(root, join(dir, 'node_modules', 'metal3-testbed'));
  for (const name of ['pulumi', 'kubernetes'])
    symlinkSync(join(root, 'node_modules', '@pulumi', name), join(dir, 'node_modules', '@pulumi', name));
}
