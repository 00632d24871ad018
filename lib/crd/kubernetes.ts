import {
  dateTime,
  enumeration,
  integer,
  type Infer,
  type ListConstraints,
  mapList,
  object,
  required,
  type Schema,
  string,
} from './schema';

/** A condition of a status: `metav1.Condition`. */
export const condition = object({
  type: required(
    string({
      pattern:
        '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
      maxLength: 316,
    }),
  ),
  status: required(enumeration('True', 'False', 'Unknown')),
  reason: required(string({ pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$', minLength: 1, maxLength: 1024 })),
  message: required(string({ maxLength: 32768 })),
  lastTransitionTime: required(dateTime()),
  observedGeneration: integer({ format: 'int64', minimum: 0 }),
});
export type Condition = Infer<typeof condition>;

/** The conditions of a status, one of each type. */
export function conditionList(constraints?: ListConstraints): Schema<readonly Condition[]> {
  return mapList(condition, ['type'], constraints);
}

/** A reference to any object: `corev1.ObjectReference`. */
export const objectReference = object(
  {
    apiVersion: string(),
    kind: string(),
    namespace: string(),
    name: string(),
    uid: string(),
    resourceVersion: string(),
    fieldPath: string(),
  },
  { mapType: 'atomic' },
);
export type ObjectReference = Infer<typeof objectReference>;

/** A reference to a Secret: `corev1.SecretReference`. */
export const secretReference = object({ name: string(), namespace: string() }, { mapType: 'atomic' });
export type SecretReference = Infer<typeof secretReference>;
