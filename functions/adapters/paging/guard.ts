import { lookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { isLoopback } from '#domain/paging.js';

/** Nothing that pages lives there: this network itself, link-local and the clouds' metadata services (also Azure's 168.63.129.16), multicast. */
const never = new BlockList();
for (const [net, bits] of [['0.0.0.0', 8], ['169.254.0.0', 16], ['224.0.0.0', 3]] as const) never.addSubnet(net, bits, 'ipv4'); // prettier-ignore
for (const one of ['168.63.129.16', '100.100.100.200']) never.addAddress(one, 'ipv4');
for (const [net, bits] of [['fe80::', 10], ['ff00::', 8]] as const) never.addSubnet(net, bits, 'ipv6'); // prettier-ignore
for (const one of ['::', 'fd00:ec2::254']) never.addAddress(one, 'ipv6');
const here = new BlockList();
here.addSubnet('127.0.0.0', 8, 'ipv4');
here.addAddress('::1', 'ipv6');

/** May be connected to. This machine only where the settings say so in as many words: a name of the DNS does not lead here. */
export function mayReach(ip: string, host: string): boolean {
  const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
  return isIP(ip) !== 0 && !never.check(ip, family) && (isLoopback(host) || isIP(host) !== 0 || !here.check(ip, family));
}

export class NotReachable extends Error {
  override readonly name = 'NotReachable';
}

/** A name server that is slower is done without, where an earlier answer is known. */
const PATIENCE_MS = 1000;

/** As Node's own; handed in where a test is the name server. */
export type AskNames = (
  host: string,
  options: { readonly all: true; readonly family?: LookupOptions['family'] },
  give: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/**
 * Names to addresses that may be reached; what is connected to is what was checked. An outage of the name server stops no page to a host whose address was had before.
 */
export function guardedLookup(ask: AskNames = lookup): LookupFunction {
  const known = new Map<string, readonly LookupAddress[]>();
  return (host, options, give) => {
    let answered = false;
    const answer = (all: readonly LookupAddress[]): void => {
      if (answered) return;
      answered = true;
      clearTimeout(late);
      const [first] = all;
      if (first === undefined) give(new NotReachable('no address that may be reached'), '', 0);
      else if (options.all === true) give(null, [...all]);
      else give(null, first.address, first.family);
    };
    const late = setTimeout(() => {
      const before = known.get(host);
      if (before !== undefined) answer(before);
    }, PATIENCE_MS);
    ask(host, { all: true, ...(options.family === undefined ? {} : { family: options.family }) }, (error, found) => {
      const allowed = error === null ? found.filter(({ address }) => mayReach(address, host)) : (known.get(host) ?? []);
      if (error === null && allowed.length > 0) known.set(host, allowed);
      answer(allowed);
    });
  };
}
