/** Whether an address to listen on is reached from this machine alone. */
import { BlockList, isIP } from 'node:net'

/** Names are not resolved: but for `localhost`, a name counts as public. */
export function isLoopback(host: string): boolean {
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4'
  return host === 'localhost' || (isIP(host) > 0 && loopback.check(host, family))
}
