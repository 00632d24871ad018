/** Requests and limits of a container, as Kubernetes quantities by resource: `{ cpu: '500m', memory: '1Gi' }`. */
export interface ComputeResources {
  /**
   * What the container is promised at least.
   * @default - none
   */
  readonly requests?: Readonly<Record<string, string>> | undefined;
  /**
   * What the container is allowed at most.
   * @default - none
   */
  readonly limits?: Readonly<Record<string, string>> | undefined;
}

/** As the API server reads a quantity: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantityPattern = /^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** What is wrong with the quantities: one sentence a problem. */
export function resourceProblems(resources: ComputeResources): string[] {
  return (['requests', 'limits'] as const).flatMap((part) =>
    Object.entries(resources[part] ?? {})
      .filter(([, quantity]) => !quantityPattern.test(quantity))
      .map(
        ([name, quantity]) => `resources.${part}.${name}: must be a quantity such as 500m or 1Gi; given '${quantity}'`,
      ),
  );
}
