import { delimiter, relative } from 'node:path';
import type { ProcessForm, ProcessPlace } from '../../lib/components/component';
import { invalidInput } from '../../lib/errors';
import type { SimulatorSpec } from './simulators';

/** The Bare Metal Operator in test mode. @param form as its component gives it */
export function bmoSimulator(form: ProcessForm): SimulatorSpec {
  return {
    kind: 'bmo',
    form: { ...form, at: (place) => form.at({ ...place, kubeconfig: inKubeconfigVariable(place) }) },
  };
}

/** A colon in the variable stands between two files. The program works in its folder, whose path may have one. */
function inKubeconfigVariable({ kubeconfig, folder }: ProcessPlace): string {
  if (!kubeconfig.includes(delimiter)) return kubeconfig;
  const fromThere = relative(folder, kubeconfig);
  if (!fromThere.includes(delimiter)) return fromThere;
  throw invalidInput(
    `kubeconfig ${kubeconfig} has a '${delimiter}' in its path, which the operator reads as two files: use another path`,
  );
}
