/** How a state is drawn. */
export interface StateLook {
  readonly name: string;
  /** Its colour on a light and on a dark page. */
  readonly light: string;
  readonly dark: string;
  /** Its colour on a terminal. */
  readonly terminal: 'blue' | 'cyan' | 'gray' | 'green' | 'magenta' | 'red' | 'white' | 'yellow';
}

/** What of a kind people see. Data alone, without imports: the script of a report's page has it too. */
export interface KindFace {
  /** Such as `BareMetalHost`: what reports call it. */
  readonly kind: string;
  /** What messages call one and several of its objects: `host`, `hosts`. */
  readonly noun: { readonly one: string; readonly many: string };
  /**
   * The states from the bottom of a stack to its top, so that what is done grows from the ground up. `new` is an object
   * that no controller has seen.
   */
  readonly looks: readonly StateLook[];
}
