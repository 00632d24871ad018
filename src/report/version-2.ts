/** Reports of version 2, which knew nothing of managers, and not where the time of an object went. */
import { isMap } from '../util/is-map';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a report of version 2 says, as version 3 says it. In what the environment was unlike production it did not say, and so it
 * stays unsaid. Nothing is checked here: what is wrong stays as it is, so that whoever checks the result names it.
 */
export function upgradeVersion2(report: Fields): Fields {
  const { environment } = report;
  return {
    ...report,
    version: 3,
    environment: isMap(environment) ? { managers: [], ...environment } : environment,
    waterfalls: [],
  };
}
