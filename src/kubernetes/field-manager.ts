/** Who owns the fields that this package writes. */
export const FIELD_MANAGER = 'metal3-testbed';
/** Who owns those that a run writes for its time. */
export const RUN_FIELD_MANAGER = 'metal3-testbed-run';
