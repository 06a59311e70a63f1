/** Bytes of an address: 4 or 16. An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) counts as IPv4. */
export const parseAddress = (text: string): number[] | undefined => {
  if (!text.includes(':')) return parseV4(text)
  const v6 = parseV6(text)
  return v6 && isMapped(v6) ? v6.slice(12) : v6
}

const isMapped = (v6: readonly number[]): boolean =>
  v6.slice(0, 10).every((byte) => byte === 0) && v6[10] === 255 && v6[11] === 255

const parseV4 = (text: string): number[] | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.map(Number)
}

const parseV6 = (text: string): number[] | undefined => {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const last = halves.length - 1
  const [head, tail] = halves.map((half, index) => (half === '' ? [] : groups(half, index === last)))
  if (!head || (halves.length === 2 && !tail)) return undefined
  if (halves.length === 1) return head.length === 16 ? head : undefined
  const missing = 16 - head.length - tail!.length
  return missing >= 2 ? [...head, ...Array<number>(missing).fill(0), ...tail!] : undefined
}

/** An IPv4 address stands at the very end or nowhere. */
const groups = (text: string, atEnd: boolean): number[] | undefined => {
  const bytes: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const v4 = atEnd && index === parts.length - 1 && part.includes('.') ? parseV4(part) : undefined
    if (v4) bytes.push(...v4)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) bytes.push(parseInt(part, 16) >> 8, parseInt(part, 16) & 255)
    else return undefined
  }
  return bytes
}

/**
 * A network of IPv4 in IPv6 clothes (`::ffff:10.0.0.0/104`) as that of IPv4, as addresses are read; others as they are. Undefined:
 * such an address with a prefix that reaches beyond them.
 */
export const unmapped = (network: string): string | undefined => {
  const [address = '', prefix = '128'] = network.split('/')
  const v6 = address.includes(':') ? parseV6(address) : undefined
  if (!v6 || !isMapped(v6)) return network
  return Number(prefix) < 96 ? undefined : `${v6.slice(12).join('.')}/${Number(prefix) - 96}`
}

/** A network as a test of addresses; undefined when it is not one (no address, prefix too long, host bits set). */
export const parseNetwork = (text: string): ((address: string) => boolean) | undefined => {
  const [address = '', prefix, more] = text.split('/')
  const network = address.includes(':') ? parseV6(address) : parseV4(address)
  if (!network || more !== undefined || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined
  const bits = prefix === undefined ? network.length * 8 : Number(prefix)
  if (bits > network.length * 8) return undefined
  const mask = network.map((_, index) => (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))) & 255)
  if (network.some((byte, index) => byte & ~mask[index]!)) return undefined
  return (candidate) => {
    const bytes = parseAddress(candidate)
    return bytes?.length === network.length && mask.every((keep, index) => (bytes[index]! & keep) === network[index])
  }
}
