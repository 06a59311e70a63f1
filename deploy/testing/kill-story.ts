import { setTimeout as sleep } from 'node:timers/promises'
import type { Topic } from '@custodia/contracts'
import { seeded } from '../../streams/src/detection/testing/random.js'
import type { RawRecord } from '../../streams/src/integrity/index.js'
import { withCustomers, work, type Clerk } from './clerks.js'
import type { Cluster } from './cluster.js'
import { compareWithLog } from './compare-with-log.js'

/** How often each process is killed, and what the moments are drawn from; see jest.kill.mjs. */
export const { kills, seed } = (globalThis as unknown as { killTest: { kills: number; seed: number } }).killTest

export interface KillTarget {
  name: string
  times: number
  kill(): Promise<void>
}

export interface KillStory {
  cluster: Cluster
  targets: KillTarget[]
  /** the log, by a reader that shares no code with the system's */
  read: (topic: Topic) => Promise<RawRecord[]>
}

const clerkCount = 6
const longestPauseMs = 4000

/** Clerks work; everything is killed again and again; then what was acknowledged is there once, and was judged as if nothing had happened. */
export async function killAndCompare({ cluster, targets, read }: KillStory): Promise<void> {
  const random = seeded(seed)
  const heard: string[] = []
  const clerks: Clerk[] = []
  for (let nth = 0; nth < clerkCount; nth++)
    clerks.push(
      await withCustomers(await cluster.signedIn('staff', { nth, gateway: nth % cluster.ports.length, heard }), 5),
    )

  const traffic = work(clerks)
  const order = targets.flatMap((target) => Array.from({ length: target.times }, () => target))
  while (order.length > 0) {
    await sleep(random.below(longestPauseMs))
    const [target] = order.splice(random.below(order.length), 1)
    await target?.kill()
  }
  for (const part of [...cluster.gateways, ...cluster.streams]) await part.started()
  await sleep(longestPauseMs) // some work with everybody alive
  await traffic.stop()
  const figures = await compareWithLog({ cluster, read, heard })
  const answers = JSON.stringify(Object.fromEntries(traffic.answers))
  console.log(`seed ${seed}: ${figures}; answers by status (0: none): ${answers}`)
}
