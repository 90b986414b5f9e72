// Prints `N passed, N failed` from vitest's JSON report and exit status, and exits non-zero unless all passed.
import { existsSync, readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
if (!existsSync(file)) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const report = JSON.parse(readFileSync(file, 'utf8'));
// A test file that cannot be loaded has no tests to count; nor has an error outside any test, which only the
// runner's exit status tells.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some(({ status }) => status === 'failed'),
).length;
let failed = report.numFailedTests + brokenFiles;
if (failed === 0 && (Number(status) !== 0 || report.numPassedTests === 0)) failed = 1;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
