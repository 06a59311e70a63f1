import { BlockList, isIP } from 'node:net'

/** Ranges that are nobody's on the open internet: this machine, the house, links, tests, multicast. */
const notPublic: [address: string, bits: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  // of IPv6 only 2000::/3 is public, and in it not what carries other networks' addresses inside
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
]

/** A list of each family: one list for both would take every IPv4 address for part of `::/3`. */
class Ranges {
  private readonly lists = { ipv4: new BlockList(), ipv6: new BlockList() }

  constructor(ranges: readonly (readonly [address: string, bits: number])[]) {
    for (const [address, bits] of ranges) this.lists[familyOf(address)].addSubnet(address, bits, familyOf(address))
  }

  /** An IPv4 address that comes dressed as IPv6 is judged as what it is. */
  hold(address: string): boolean {
    const bare = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
    return this.lists[familyOf(bare)].check(bare, familyOf(bare))
  }
}

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6')
const inner = new Ranges(notPublic)
const loopback = new Ranges([
  ['127.0.0.0', 8],
  ['::1', 128],
])

/** Which addresses notices may be sent to: public ones, and the ranges that were allowed by name. */
export class Addresses {
  private readonly allowed: Ranges

  /** `ranges` as configured: `10.1.2.0/24`, `127.0.0.1` */
  constructor(ranges: readonly string[]) {
    this.allowed = new Ranges(
      ranges.map((range) => {
        const [address = '', bits] = range.split('/')
        return [address, Number(bits ?? (isIP(address) === 4 ? 32 : 128))] as const
      }),
    )
  }

  allows(address: string): boolean {
    if (isIP(address) === 0) return false
    return !inner.hold(address) || this.allowed.hold(address)
  }

  /** Without encryption only to this machine, and only when that was allowed. */
  allowsPlain(address: string): boolean {
    return loopback.hold(address) && this.allows(address)
  }
}
