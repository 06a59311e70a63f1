import { isIPv6 } from 'node:net'

/** The network of an address: /24 of IPv4, /48 of IPv6. One household, office or phone stays within it; a thief rarely is in it. */
export function networkOf(ip: string): string {
  const address = ip.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isIPv6(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`
  const [head = '', tail = ''] = address.toLowerCase().split('::')
  const [left, right] = [head, tail].map((part) => part.split(':').filter(Boolean))
  const groups = [
    ...(left ?? []),
    ...Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0'),
    ...(right ?? []),
  ]
  return `${groups
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/48`
}

/** Who counts as one source of guesses: an address of IPv4, and of IPv6 what one customer of a provider has. */
export const sourceOf = (ip: string): string => {
  const network = networkOf(ip)
  return network.includes(':') ? network : ip
}
