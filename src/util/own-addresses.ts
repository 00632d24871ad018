import { networkInterfaces } from 'node:os';

/** Whether a process of this machine can listen at an address. @param host a name or an IP address */
export function isOfThisMachine(host: string): boolean {
  if (host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)) return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return own.some(({ address }) => address === host);
}
