import { literal } from './quote.js'

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const v4 = `${octet}(\\.${octet}){3}`

const bytesOfV4 = (text: string): number => text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)

/** An IPv4 address inside IPv6 counts as IPv4, whichever way it is spelled. */
const MAPPED = '00000000000000000000FFFF'

/** Whether the text is an IPv6 address as the engine reads it; ClickHouse's reader takes more. */
const isV6 = (sql: string): string =>
  `(position(${sql}, ':') > 0 AND match(${sql}, '\\\\A[0-9a-fA-F:.]+\\\\z') AND NOT match(${sql}, '[0-9a-fA-F]{5}|:::|::.*::')` +
  ` AND (position(${sql}, '.') = 0 OR match(${sql}, ${literal(`\\A[0-9a-fA-F:]*:${v4}\\z`)}))` +
  ` AND (position(${sql}, '::') = 0 OR ${groups(sql)} <= 7) AND isNotNull(IPv6StringToNumOrNull(${sql})))`

/** How many groups of two bytes are written out. */
const groups = (sql: string): string => `(length(extractAll(${sql}, '[0-9a-fA-F]+')) - 2 * (position(${sql}, '.') > 0))`

const hexOf = (sql: string): string => `hex(assumeNotNull(IPv6StringToNumOrNull(${sql})))`

/** Whether an address, a text, is inside a network that was read when the rule was loaded. */
export const networkTest = (source: string, sql: string): string => {
  const [address = '', prefix] = source.split('/')
  if (address.includes(':')) {
    const bits = prefix === undefined ? 128 : Number(prefix)
    const start = `IPv6StringToNum(${literal(address)})`
    const range = `IPv6CIDRToRange(toIPv6(${literal(address)}), ${bits})`
    const within = `${hexOf(sql)} BETWEEN hex(${start}) AND hex(IPv6StringToNum(toString(tupleElement(${range}, 2))))`
    return `(${isV6(sql)} AND NOT startsWith(${hexOf(sql)}, '${MAPPED}') AND ${within})`
  }
  const bits = prefix === undefined ? 32 : Number(prefix)
  const low = bytesOfV4(address)
  const high = low + 2 ** (32 - bits) - 1
  const inside = (number: string): string => `${number} BETWEEN ${low} AND ${high}`
  const plain = `(match(${sql}, ${literal(`\\A${v4}\\z`)}) AND ${inside(`IPv4StringToNumOrDefault(${sql})`)})`
  const last = `reinterpretAsUInt32(reverse(unhex(substring(${hexOf(sql)}, 25))))`
  return `(${plain} OR (${isV6(sql)} AND startsWith(${hexOf(sql)}, '${MAPPED}') AND ${inside(last)}))`
}
