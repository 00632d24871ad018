/** Where the distribution of a step as a whole begins: with the request to an object. */
export const ASKED = 'asked';
