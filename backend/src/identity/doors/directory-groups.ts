import { escapeFilter, type Client } from 'ldapts'

/** Groups within groups are followed so far; circles end by themselves. */
const deepest = 8
const most = 500

/** Names (cn) of the groups this entry is in, directly or through other groups. */
export async function groupsOf(client: Client, base: string, dn: string): Promise<string[]> {
  const names = new Map<string, string>()
  let next = [dn]
  for (let depth = 0; depth < deepest && next.length && names.size < most; depth++) {
    const found: string[] = []
    for (const member of next) {
      const filter = escapeFilter`(|(member=${member})(uniqueMember=${member}))`
      const { searchEntries } = await client.search(base, { scope: 'sub', filter, sizeLimit: most, attributes: ['cn'] })
      for (const group of searchEntries) {
        const key = group.dn.toLowerCase()
        if (names.has(key)) continue
        names.set(key, String([group['cn']].flat()[0] ?? ''))
        found.push(group.dn)
      }
    }
    next = found
  }
  return [...names.values()].filter(Boolean)
}
