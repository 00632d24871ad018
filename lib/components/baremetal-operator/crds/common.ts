import { described, object, required, string } from '../../../crd';

/** An object of a kind that the field's name tells. */
export const namespacedName = object({
  name: required(described('Its name.', string())),
  namespace: required(described('Its namespace.', string())),
});
