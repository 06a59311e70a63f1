import { afterEach, beforeEach, describe } from '@jest/globals'
import type { Capabilities, EventLog, NewRecord } from './event-log.js'
import { appendingContract } from './testing/appending.contract.js'
import { capabilitiesContract } from './testing/capabilities.contract.js'
import { consumingContract } from './testing/consuming.contract.js'
import { Peer } from './testing/peer.js'
import { readingContract } from './testing/reading.contract.js'
import type { LogWorld } from './testing/world.js'

/** How the suite reaches an adapter. A place is an empty log of its own; opening it twice shares it. */
export interface EventLogAdapter {
  newPlace(): Promise<string>
  removePlace(place: string): Promise<void>
  open(place: string, options?: { now?: () => number }): Promise<EventLog>
  /** script of a process that calls runPeer with this adapter */
  peerScript: URL
  capabilities: Capabilities
  /** a record that the adapter takes and that fails when a batch is being written, after others of it may have been */
  failsMidway(place: string): Promise<NewRecord>
}

/** Every sentence of the promise in event-log.ts, for every adapter. */
export const eventLogContract = (adapter: EventLogAdapter): void => {
  let place = ''
  const logs: EventLog[] = []
  const peers: Peer[] = []
  const world: LogWorld = {
    open: async (options) => {
      const log = await adapter.open(place, options)
      logs.push(log)
      return log
    },
    peer: async () => {
      const peer = await Peer.start(adapter.peerScript, place)
      peers.push(peer)
      return peer
    },
  }
  beforeEach(async () => {
    place = await adapter.newPlace()
  })
  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.kill()))
    await Promise.all(logs.splice(0).map((log) => log.close()))
    await adapter.removePlace(place)
  })
  describe('appending', () => appendingContract(world))
  describe('capabilities', () => capabilitiesContract(world, adapter.capabilities, () => adapter.failsMidway(place)))
  describe('reading', () => readingContract(world))
  describe('consuming', () => consumingContract(world))
}
