import { setTimeout as sleep } from 'node:timers/promises'
import type { Topic } from '@custodia/contracts'
import { EventLogError } from '../event-log.js'
import type { Committed } from '../event-log.js'
import { partitionsOf } from '../partitions.js'
import { shareOut } from '../share-out.js'
import { canRetry, reason, typeOf } from './client.js'
import type { Client } from './client.js'
import { MemberAssignment, MemberMetadata } from './kafkajs.js'
import type { Broker } from './kafkajs.js'

export interface Timing {
  /** a member that is silent for so long is taken for dead */
  sessionMs: number
  heartbeatMs: number
}

/** What a member of a group is asked and told. */
export interface Member {
  group: string
  topic: Topic
  /** all that it works on now, what it is letting go included */
  owned(): number[]
  /** all that it should work on now; it lets go of the rest and calls `rejoin` when it has */
  assigned(partitions: Set<number>): void
}

const PROTOCOL = 'custodia-sticky'
const RETRY_MS = 50
/** longest wait for a commit: longer than a cluster takes to see that a broker died and to choose another coordinator */
const COMMIT_MS = 30_000

/**
 * Membership in a Kafka consumer group that moves partitions without stopping anybody: members tell what they own, the leader
 * shares out (see share-out.ts), and what should move is given to nobody until its owner has let go and rejoined.
 */
export class Membership {
  readonly #groupId: string
  #broker: Broker | undefined
  #memberId = ''
  #generation = -1
  #rejoinWanted = false
  /** present while a new assignment is being worked out */
  #settling: PromiseWithResolvers<void> | undefined
  #nudge = new AbortController()
  #lost = false

  constructor(
    private readonly client: Client,
    private readonly member: Member,
    private readonly timing: Timing,
  ) {
    this.#groupId = client.groupName(member.group, member.topic)
    this.rejoin()
  }

  /** joins; stays a member, as the cluster's coordinator wants it, until the signal; rejects when the membership is lost */
  async run(signal: AbortSignal, joined: () => void): Promise<void> {
    const stop = () => this.#nudge.abort()
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted) {
        if (this.#rejoinWanted) await this.#join(signal)
        joined()
        await this.#pause()
        if (!signal.aborted) await this.#beat()
      }
    } catch (error) {
      this.#lost = true
      this.#settling?.reject(error)
      throw error
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** the leader is to look again: something was let go */
  rejoin(): void {
    this.#rejoinWanted = true
    if (!this.#settling) {
      this.#settling = Promise.withResolvers()
      this.#settling.promise.catch(() => undefined) // `run` tells it as well
    }
    this.#nudge.abort()
  }

  /** others may own by now what this one worked on */
  get lost(): boolean {
    return this.#lost
  }

  committed(): Promise<Map<number, Committed>> {
    return committedOf(this.client, this.#groupId, this.member.topic)
  }

  /** the coordinator refuses it to a member of an earlier generation; `owns` tells whether it is still this one's to commit */
  async commit(partition: number, committed: Committed, owns: () => boolean): Promise<void> {
    const { group, topic } = this.member
    let until = performance.now() + COMMIT_MS
    for (;;) {
      if (this.#settling) {
        await this.#settling.promise // on the same connection it would wait for that anyway
        until = performance.now() + COMMIT_MS
      }
      if (!owns())
        throw new EventLogError(`Group ${group} gave partition ${partition} of ${topic} to another member.`, true)
      const generation = this.#generation
      try {
        return await this.#commitOnce(generation, partition, committed)
      } catch (error) {
        if (typeOf(error) === 'UNKNOWN_MEMBER_ID') this.#expelled(error)
        if (outdated(error)) {
          if (generation === this.#generation) this.rejoin()
        } else if (this.#forgetsCoordinator(error) && performance.now() < until) await this.client.recover(RETRY_MS)
        else
          throw new EventLogError(`Kafka did not take a commit of ${topic}: ${reason(error)}`, false, { cause: error })
      }
    }
  }

  async #commitOnce(groupGenerationId: number, partition: number, { offset, metadata }: Committed): Promise<void> {
    const broker = await this.#coordinator()
    const partitions = [{ partition, offset: `${offset}`, metadata: metadata ?? null }]
    await broker.offsetCommit({
      groupId: this.#groupId,
      groupGenerationId,
      memberId: this.#memberId,
      topics: [{ topic: this.client.topicName(this.member.topic), partitions }],
    })
  }

  async leave(): Promise<void> {
    if (!this.#memberId) return
    const request = { groupId: this.#groupId, memberId: this.#memberId }
    // where this fails, the session's end does it
    await this.#coordinator()
      .then((broker) => broker.leaveGroup(request))
      .catch(() => undefined)
  }

  async #join(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#rejoinWanted = false
        await this.#joinOnce()
        if (this.#rejoinWanted) continue
        this.#settling?.resolve()
        this.#settling = undefined
        return
      } catch (error) {
        this.#rejoinWanted = true
        if (typeOf(error) === 'UNKNOWN_MEMBER_ID') this.#expelled(error)
        else if (!outdated(error) && !this.#forgetsCoordinator(error)) throw error
        if (!outdated(error)) await this.client.recover(RETRY_MS, signal)
      }
    }
  }

  async #joinOnce(): Promise<void> {
    const { client, member } = this
    const groupId = this.#groupId
    const broker = await this.#coordinator()
    const topics = [client.topicName(member.topic)]
    const userData = Buffer.from(JSON.stringify(member.owned()))
    const joined = await broker.joinGroup({
      groupId,
      sessionTimeout: this.timing.sessionMs,
      rebalanceTimeout: this.timing.sessionMs,
      memberId: this.#memberId,
      groupProtocols: [{ name: PROTOCOL, metadata: MemberMetadata.encode({ version: 1, topics, userData }) }],
    })
    const { generationId, memberId } = joined
    this.#memberId = memberId
    const groupAssignment = joined.leaderId === memberId ? this.#share(joined.members) : []
    const { memberAssignment } = await broker.syncGroup({ groupId, generationId, memberId, groupAssignment })
    this.#generation = generationId
    const decoded = MemberAssignment.decode(memberAssignment)
    member.assigned(new Set(Object.values(decoded?.assignment ?? {}).flat()))
  }

  #share(members: { memberId: string; memberMetadata: Buffer }[]) {
    const { client, member } = this
    const owners = partitionsOf(member.topic).map((): string | null => null)
    for (const { memberId, memberMetadata } of members)
      for (const partition of JSON.parse(MemberMetadata.decode(memberMetadata).userData.toString()) as number[])
        owners[partition] = memberId
    const names = members.map(({ memberId }) => memberId).sort()
    const targets = shareOut(names, owners)
    return names.map((memberId) => {
      const free = (partition: number) => owners[partition] === null || owners[partition] === memberId
      const mine = partitionsOf(member.topic).filter((partition) => targets[partition] === memberId && free(partition))
      const assignment = { [client.topicName(member.topic)]: mine }
      return { memberId, memberAssignment: MemberAssignment.encode({ version: 1, assignment }) }
    })
  }

  /** until the next heartbeat is due, or somebody wants something earlier */
  async #pause(): Promise<void> {
    await sleep(this.#rejoinWanted ? 0 : this.timing.heartbeatMs, undefined, { signal: this.#nudge.signal }).catch(
      () => undefined,
    )
    this.#nudge = new AbortController()
  }

  async #beat(): Promise<void> {
    if (this.#rejoinWanted) return
    try {
      const broker = await this.#coordinator()
      const { generation: groupGenerationId, memberId } = { generation: this.#generation, memberId: this.#memberId }
      await broker.heartbeat({ groupId: this.#groupId, groupGenerationId, memberId })
    } catch (error) {
      if (typeOf(error) === 'UNKNOWN_MEMBER_ID') this.#expelled(error)
      if (outdated(error)) this.rejoin()
      else if (!this.#forgetsCoordinator(error)) throw error
      else await this.client.cluster.refreshMetadata().catch(() => undefined)
    }
  }

  /** what it holds in memory may be behind what others do by now: a fresh start is the safe way back */
  #expelled(cause: unknown): void {
    if (this.#generation === -1)
      this.#memberId = '' // it was not in yet
    else {
      this.#lost = true
      throw new EventLogError(`Kafka took this member of ${this.member.group} for dead.`, true, { cause })
    }
  }

  async #coordinator(): Promise<Broker> {
    this.#broker ??= await this.client.cluster.findGroupCoordinator({ groupId: this.#groupId })
    // connects again where that ended
    return this.client.cluster.findBroker({ nodeId: this.#broker.nodeId })
  }

  /** after what may pass: another broker may coordinate the group by now */
  #forgetsCoordinator(error: unknown): boolean {
    if (!canRetry(error)) return false
    this.#broker = undefined
    return true
  }
}

const outdated = (error: unknown): boolean =>
  ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION'].includes(typeOf(error) ?? '')

export const committedOf = (client: Client, groupId: string, topic: Topic): Promise<Map<number, Committed>> =>
  client.asking('asking for commits', async () => {
    const broker = await client.cluster.findGroupCoordinator({ groupId })
    const partitions = partitionsOf(topic).map((partition) => ({ partition }))
    const { responses } = await broker.offsetFetch({
      groupId,
      topics: [{ topic: client.topicName(topic), partitions }],
    })
    const found = responses.flatMap((response) => response.partitions).filter(({ offset }) => Number(offset) >= 0)
    return new Map(
      found.map(({ partition, offset, metadata }) => [
        partition,
        metadata ? { offset: Number(offset), metadata } : { offset: Number(offset) },
      ]),
    )
  })
