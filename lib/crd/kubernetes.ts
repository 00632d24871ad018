import {
  dateTime,
  described,
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
export const condition = described(
  'One thing about the object that is so, is not so, or is not known.',
  object({
    type: required(
      described(
        'What it is about, such as Ready. One condition of each type.',
        string({
          pattern:
            '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
          maxLength: 316,
        }),
      ),
    ),
    status: required(described('Whether it is so.', enumeration('True', 'False', 'Unknown'))),
    reason: required(
      described(
        'Why, as one word for programs.',
        string({ pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$', minLength: 1, maxLength: 1024 }),
      ),
    ),
    message: required(described('Why, for people. May be empty.', string({ maxLength: 32768 }))),
    lastTransitionTime: required(described('Since when status is what it is.', dateTime())),
    observedGeneration: described(
      'metadata.generation of the object that this was said of; an older one may be out of date.',
      integer({ format: 'int64', minimum: 0 }),
    ),
  }),
);
export type Condition = Infer<typeof condition>;

/** The conditions of a status, one of each type. */
export function conditionList(constraints?: ListConstraints): Schema<readonly Condition[]> {
  return mapList(condition, ['type'], constraints);
}

/** A reference to any object: `corev1.ObjectReference`. */
export const objectReference = described(
  'A reference to any object.',
  object(
    {
      apiVersion: described('Group and version of the object.', string()),
      kind: described('Kind of the object.', string()),
      namespace: described('Namespace of the object.', string()),
      name: described('Name of the object.', string()),
      uid: described('UID of the object.', string()),
      resourceVersion: described('The one version of the object that is meant. Default: any.', string()),
      fieldPath: described('The part of the object that is meant, as a path. Default: all of it.', string()),
    },
    { mapType: 'atomic' },
  ),
);
export type ObjectReference = Infer<typeof objectReference>;

/** A reference to a Secret: `corev1.SecretReference`. */
export const secretReference = described(
  'A reference to a Secret.',
  object(
    {
      name: described('Name of the Secret.', string()),
      namespace: described('Namespace of the Secret. Default: that of the object which refers to it.', string()),
    },
    { mapType: 'atomic' },
  ),
);
export type SecretReference = Infer<typeof secretReference>;
