/** The measured program of the benchmark `synth`: `synth-app.js set|bare COUNT OUTDIR`. */
import { ApiObject, App, Chart } from 'cdk8s';
import { BareMetalHostSet, Fleet } from '../lib';

const [how, count, outdir = ''] = process.argv.slice(2);
const app = new App({ outdir });
const chart = new Chart(app, 'hosts');
if (how === 'set') {
  new BareMetalHostSet(chart, 'set', { count: Number(count) });
} else {
  const fleet = new Fleet({ count: Number(count) });
  let id = 0;
  for (const host of fleet.hosts())
    for (const object of fleet.objectsOf(host)) new ApiObject(chart, `object-${id++}`, object);
}
app.synth();
