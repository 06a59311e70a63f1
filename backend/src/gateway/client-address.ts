import { BlockList, isIP, isIPv6 } from 'node:net'

/** The same rule as for requests: a forwarded address counts only as far as proxies that the operator named vouch for it. */
export function clientAddressOf(trustedProxies: string[]): (peer: string, forwardedFor: string | undefined) => string {
  const trusted = new BlockList()
  for (const proxy of trustedProxies) {
    const [address = '', bits] = proxy.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    trusted.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  return (peer, forwardedFor) => {
    const hops = [plain(peer), ...(forwardedFor?.split(',').reverse() ?? []).map((hop) => plain(hop.trim()))]
    return hops.find((hop) => !isTrusted(hop)) ?? hops.at(-1) ?? peer
  }
}

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')
