/** Who owns the fields that this package writes. */
export const FIELD_MANAGER = 'metal3-testbed';
