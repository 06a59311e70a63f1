import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { lost, refused, type Outcome } from '../outcome.js'
import type { Addresses } from './addresses.js'

export interface Destination {
  address: string
  family: 4 | 6
}

/**
 * The address behind a host, once it is known to be allowed. Whoever connects must use this very address: asked again, a name
 * may answer with another. A name with one forbidden address among several is refused as a whole.
 */
export async function destinationOf(
  host: string,
  addresses: Addresses,
  encrypted: boolean,
): Promise<{ to: Destination } | { failed: Outcome }> {
  const literal = host.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(literal)
  try {
    const found = family === 0 ? await lookup(literal, { all: true }) : [{ address: literal, family }]
    const allowed = found.every(({ address }) =>
      encrypted ? addresses.allows(address) : addresses.allowsPlain(address),
    )
    const [first] = found
    if (!first || !allowed) return { failed: refused(encrypted ? 'address not allowed' : 'not encrypted') }
    return { to: { address: first.address, family: first.family === 4 ? 4 : 6 } }
  } catch (error) {
    return { failed: lost(error) }
  }
}
