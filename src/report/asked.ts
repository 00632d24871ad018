/** Where the distribution of a step as a whole begins: with the request to an object. */
export const ASKED = 'asked';
/** Where the distribution of a condition begins: with the object, as it was first seen. */
export const CREATED = 'created';
