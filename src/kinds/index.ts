/** What a scenario does to the objects of each kind. */
import { bareMetalHostSteps } from './bare-metal-host';

export const KIND_STEPS = [bareMetalHostSteps] as const;
