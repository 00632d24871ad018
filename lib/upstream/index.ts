/** Objects of a release that is not built in, taken from its own manifests and changed where an option asks for it. */
export {
  argumentName,
  deploymentsWithContainer,
  deploymentWithContainer,
  withArguments,
  withEnv,
  withPod,
  type Container,
  type DeploymentManifest,
} from './container';
export { requireManifests, type Manifest } from './manifest';
export { inNamespace, namespaceOfDeployment, withNamespaceObject } from './namespace';
export { checkingOnly, withoutSecretVolumes, withoutWebhook } from './webhook';
