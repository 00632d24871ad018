/** What is wrong with a text of YAML or JSON, without its content, which may be a credential. */
export class YamlError extends Error {
  constructor(
    what: string,
    /** Line of the text on which it is, from 0. */
    readonly line: number,
    /** Whether more text could mend it. */
    readonly isCut = false,
  ) {
    super(what);
  }
}

/** What is valid as text, and has a value that nothing can hold. */
export class ValueError extends YamlError {}
