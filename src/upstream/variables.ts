/**
 * The variables in a provider's components, `${NAME:=default}`, in whose place clusterctl puts values. As it does: `$$` is a
 * dollar, a default counts where the value is empty too, and defaults may hold variables.
 */
import { closest } from '../../lib/crd';
import { invalidInput } from '../../lib/errors';
import { MAX_MANIFEST_BYTES } from './cache';

/** Where values come from. */
export interface VariableSources {
  /** Values that are given by name, before those of the environment. */
  readonly given: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A text with values in place of its variables. */
interface Substituted {
  readonly text: string;
  /** Of the given values, those that are used. */
  readonly given: Readonly<Record<string, string>>;
  /** Names of those that came from the environment, in order. */
  readonly fromEnvironment: readonly string[];
}

/** Every object of a provider has this label, and nothing else is written for clusterctl. */
const PROVIDER = 'cluster.x-k8s.io/provider';

export function isForClusterctl(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(PROVIDER);
}

/**
 * @param where names the text in an error
 * @throws TestbedError (`invalid-input`) naming each variable that has neither a value nor a default, a given value that
 * belongs to none, and what is not a variable
 */
export function withVariables(text: string, sources: VariableSources, where: string): Substituted {
  const reading = new Reading(text, sources, where);
  const result = reading.all();
  if (reading.missing.size > 0) {
    const names = [...reading.missing].sort();
    throw invalidInput(
      `${where} needs values for ${names.join(', ')}: give ${names.map((name) => `--variable ${name}=VALUE`).join(' ')}, or set them in the environment`,
    );
  }
  for (const name of Object.keys(sources.given)) {
    if (reading.names.has(name)) continue;
    const meant = closest(name, reading.names);
    const hint =
      meant === undefined ? `it has ${[...reading.names].sort().join(', ') || 'none'}` : `did you mean ${meant}?`;
    throw invalidInput(`${where} has no variable ${name}; ${hint}`);
  }
  return {
    text: result,
    given: Object.fromEntries(Object.entries(sources.given).filter(([name]) => reading.used.has(name))),
    fromEnvironment: [...reading.fromEnvironment].sort(),
  };
}

/** A default within a default within a default. */
const DEEPEST = 16;
/** As Go tells letters and digits. */
const NAME = /[\p{L}\p{Nd}_]+/uy;
/** `:=`, `:-`, `=` and `-`, which say the same: a default, where the value is empty. */
const DEFAULT = /:?[=-]/y;

class Reading {
  readonly names = new Set<string>();
  readonly missing = new Set<string>();
  readonly used = new Set<string>();
  readonly fromEnvironment = new Set<string>();
  private at = 0;
  private size = 0;

  constructor(
    private readonly text: string,
    private readonly sources: VariableSources,
    private readonly where: string,
  ) {}

  all(): string {
    const parts: string[] = [];
    while (this.at < this.text.length) {
      const dollar = this.text.indexOf('$', this.at);
      const end = dollar < 0 ? this.text.length : dollar;
      parts.push(this.text.slice(this.at, end));
      this.at = end;
      if (dollar < 0) break;
      const next = this.text[dollar + 1];
      if (next === '{') parts.push(this.variable(0, true));
      else {
        // `$$` is a dollar that begins nothing, and so is one before anything else.
        parts.push('$');
        this.at += next === '$' ? 2 : 1;
      }
    }
    return parts.join('');
  }

  /** @param isNeeded false in a default that does not count: what it says is read, and asks for nothing */
  private variable(depth: number, isNeeded: boolean): string {
    const start = this.at;
    if (depth > DEEPEST) throw this.problem(start, `has defaults that are more than ${DEEPEST} deep`);
    this.at += 2;
    this.skipSpace();
    const name = this.match(NAME);
    if (name === undefined) throw this.problem(start, 'has no name');
    this.names.add(name);
    this.skipSpace();
    const value = isNeeded ? this.valueOf(name) : '';
    if (this.match(DEFAULT) === undefined) {
      if (this.text[this.at] !== '}')
        throw this.problem(start, 'is of a form that is not supported: use ${NAME} or ${NAME:=default}');
      this.at++;
      if (isNeeded && value === undefined) this.missing.add(name);
      return this.counted(value ?? '');
    }
    const isAsked = isNeeded && (value === undefined || value === '');
    const otherwise = this.defaultValue(start, depth, isAsked);
    return this.counted(isAsked ? otherwise : (value ?? ''));
  }

  private defaultValue(start: number, depth: number, isNeeded: boolean): string {
    const parts: string[] = [];
    for (;;) {
      const character = this.text[this.at];
      if (character === undefined) throw this.problem(start, 'has no end');
      if (character === '}') break;
      if (character === '$' && this.text[this.at + 1] === '{') parts.push(this.variable(depth + 1, isNeeded));
      else {
        const rest = /[}$]/g;
        rest.lastIndex = this.at + 1;
        const end = rest.exec(this.text)?.index ?? this.text.length;
        parts.push(this.text.slice(this.at, end));
        this.at = end;
      }
    }
    this.at++;
    return parts.join('');
  }

  private valueOf(name: string): string | undefined {
    if (Object.hasOwn(this.sources.given, name)) {
      this.used.add(name);
      return this.sources.given[name];
    }
    const value = Object.hasOwn(this.sources.env, name) ? this.sources.env[name] : undefined;
    if (value !== undefined) this.fromEnvironment.add(name);
    return value;
  }

  /** A variable may stand there a million times. */
  private counted(value: string): string {
    this.size += value.length;
    if (this.size > MAX_MANIFEST_BYTES)
      throw invalidInput(`${this.where} has more than ${MAX_MANIFEST_BYTES} bytes once its variables have values`);
    return value;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  /** Early releases write `${ NAME }`. */
  private skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private problem(start: number, what: string) {
    const line = this.text.slice(0, start).split('\n').length;
    const shown = this.text.slice(start, start + 40).split('\n')[0];
    return invalidInput(`${this.where}, line ${line}: the variable ${shown} ${what}`);
  }
}
