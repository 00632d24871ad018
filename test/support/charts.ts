/** Apps and charts of tests: what `Testing` of cdk8s makes, without the temporary folder that it leaves for each. */
import { App, Chart } from 'cdk8s';

export function testApp(): App {
  return new App();
}

export function testChart(): Chart {
  return new Chart(testApp(), 'test');
}
