import type { Topic } from '@custodia/contracts'
import type { Committed } from './event-log.js'
import { Refused } from './group-commit.js'
import { partitionsOf } from './partitions.js'
import { shareOut } from './share-out.js'
import type { Tables } from './storage.js'

/** One member of a group: a consumer in some process. */
export interface Member {
  group: string
  topic: Topic
  member: string
  endpoint: string
}

/** A partition taken by a member; the epoch tells this taking from earlier and later ones. */
export interface Claim {
  partition: number
  epoch: number
}

/** What a member has to do now. `expelled`: it was taken for dead, and what it owned belongs to others. */
export type Assignment = 'expelled' | { mine: Set<number>; free: number[] }

/** the bell of a group's membership */
export const bellOf = ({ group, topic }: Member): string => `group/${topic}/${group}`

const membersOf = (tables: Tables, { group, topic }: Member): string[] =>
  [...tables.members.getKeys({ start: [group, topic, ''], end: [group, topic, '\uffff'] })].map(
    ([, , member]) => member,
  )

const ownersOf = (tables: Tables, { group, topic }: Member): (string | null)[] =>
  partitionsOf(topic).map((partition) => tables.owners.get([group, topic, partition])?.member ?? null)

/** reads only, inside or outside a transaction: what should be this member's, and what of it is free to take */
export const assignmentOf = (tables: Tables, me: Member): Assignment => {
  const members = membersOf(tables, me)
  if (!members.includes(me.member)) return 'expelled'
  const owners = ownersOf(tables, me)
  const mine = new Set(partitionsOf(me.topic).filter((partition) => shareOut(members, owners)[partition] === me.member))
  return { mine, free: [...mine].filter((partition) => owners[partition] === null) }
}

/* The rest runs inside a transaction. */

export const enterGroup = (tables: Tables, { group, topic, member, endpoint }: Member): void => {
  void tables.members.put([group, topic, member], { endpoint })
}

export const leaveGroup = (tables: Tables, { group, topic, member }: Member): void => {
  void tables.members.remove([group, topic, member])
  for (const partition of partitionsOf(topic)) disown(tables, group, topic, partition, member)
}

/** takes what is free and should be this member's */
export const claimFree = (tables: Tables, me: Member): Claim[] => {
  const assignment = assignmentOf(tables, me)
  if (assignment === 'expelled') return []
  return assignment.free.map((partition) => {
    const epoch = (tables.owners.get([me.group, me.topic, partition])?.epoch ?? 0) + 1
    void tables.owners.put([me.group, me.topic, partition], { member: me.member, epoch })
    return { partition, epoch }
  })
}

export const release = (tables: Tables, me: Member, claim: Claim): void => {
  if (owns(tables, me, claim)) disown(tables, me.group, me.topic, claim.partition, me.member)
}

export const commitOffset = (tables: Tables, me: Member, claim: Claim, committed: Committed): void => {
  if (!owns(tables, me, claim)) throw lost(me, claim)
  void tables.commits.put([me.group, me.topic, claim.partition], committed)
}

/** also outside a transaction */
export const owns = (tables: Tables, { group, topic, member }: Member, { partition, epoch }: Claim): boolean => {
  const owner = tables.owners.get([group, topic, partition])
  return owner?.member === member && owner.epoch === epoch
}

export const lost = ({ group, topic }: Member, { partition }: Claim): Refused =>
  new Refused(`Group ${group} gave partition ${partition} of ${topic} to another member.`)

/** all members behind a dead or closed endpoint leave */
export const leaveAll = (tables: Tables, endpoint: string): void => {
  for (const { key, value } of [...tables.members.getRange()]) {
    const [group, topic, member] = key
    if (value.endpoint === endpoint) leaveGroup(tables, { group, topic: topic as Topic, member, endpoint })
  }
}

const disown = (tables: Tables, group: string, topic: Topic, partition: number, member: string): void => {
  const owner = tables.owners.get([group, topic, partition])
  if (owner?.member === member) void tables.owners.put([group, topic, partition], { member: null, epoch: owner.epoch })
}
