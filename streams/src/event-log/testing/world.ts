import type { EventLog } from '../event-log.js'
import type { Peer } from './peer.js'

/** What a test works with: everything opened through it is closed and removed afterwards. */
export interface LogWorld {
  /** opens this test's log; again and again for restarts and for several handles */
  open(options?: { now?: () => number }): Promise<EventLog>
  /** another process with this test's log open */
  peer(): Promise<Peer>
}
