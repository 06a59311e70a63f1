import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { BlockList, isIP } from 'node:net'
import { Reader, type CountryResponse } from 'maxmind'

/** Tells the country of an address. The data is on this machine: nobody outside learns which addresses we see. */
export interface Geography {
  /** ISO 3166 code, e.g. `CN`; undefined for private, unknown and malformed addresses */
  countryOf(ip: string): string | undefined
}

/** The package's own shape is flat, unlike MaxMind's. */
interface CountryRow {
  country_code?: string
}

export async function openGeography(): Promise<Geography> {
  const file = createRequire(import.meta.url).resolve('@ip-location-db/geolite2-country-mmdb/geolite2-country.mmdb')
  const reader = new Reader<CountryResponse & CountryRow>(await readFile(file))
  return {
    countryOf(ip) {
      const address = plain(ip)
      if (!address || isPrivate(address)) return undefined
      return reader.get(address)?.country_code
    },
  }
}

/** Without a zone index, and IPv4 as itself where it comes mapped into IPv6. */
function plain(ip: string): string | undefined {
  const address = ip.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(address) ? address : undefined
}

const reserved = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  reserved.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 127], // unspecified and loopback
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  reserved.addSubnet(network, prefix, 'ipv6')

const isPrivate = (address: string) => reserved.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
