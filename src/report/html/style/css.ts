/** CSS as it stands; a tag of this name has editors and formatters take the text for what it is. */
export const css = String.raw;
