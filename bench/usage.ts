/** Loaded into a measured process before its program: tells on file descriptor 3 what it used, when it ends. */
import { writeSync } from 'node:fs';

process.once('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(3, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakRssMB: maxRSS / 1024 }));
});
