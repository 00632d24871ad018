/**
 * Imported before everything else, since what comes after it does not even load on an older Node.js: a sentence instead
 * of a stack trace. 22.19 is what undici needs.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `error: metal3-testbed needs Node.js 22.19 or later, and this is ${process.version}: install a newer one, or run 'npx -p node@24 metal3-testbed'\n`,
  );
  process.exit(3);
}
