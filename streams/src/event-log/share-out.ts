/**
 * Which member of a group should own which partition, from who is there and who owns what now. Shares differ by one at
 * most, and whoever owns something keeps as much of it as its share allows. Every member computes the same, so nobody has to lead.
 */
export const shareOut = (members: readonly string[], owners: readonly (string | null)[]): (string | undefined)[] => {
  const owned = (member: string): number => owners.filter((owner) => owner === member).length
  // the larger shares go to those who own most already: nothing moves back and forth
  const order = [...members].sort((a, b) => owned(b) - owned(a) || (a < b ? -1 : 1))
  const least = Math.floor(owners.length / order.length)
  const larger = owners.length % order.length
  const room = new Map(order.map((member, i) => [member, least + (i < larger ? 1 : 0)]))
  const take = (member: string | undefined): string | undefined => {
    const left = member === undefined ? 0 : (room.get(member) ?? 0)
    if (member === undefined || left === 0) return undefined
    room.set(member, left - 1)
    return member
  }
  const kept = owners.map((owner) => take(owner ?? undefined))
  return kept.map((member) => member ?? take(order.find((candidate) => room.get(candidate))))
}
