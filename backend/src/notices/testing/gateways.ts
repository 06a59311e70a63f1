import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { readConfig } from '../../config.js'
import { noticeChannels, noticeDeliveries } from '../../record-store/schema.js'
import { startTestPostgres } from '../../testing/postgres.js'
import { openKeyFile } from '../../vault/keys/key-file.js'
import { Deliveries } from '../deliveries.js'
import { Mouth } from '../mouth.js'
import { Sender } from '../sender.js'
import type { Told } from '../told.js'
import { aChannel, type NewChannel } from './channel.js'
import { aNotice } from './message.js'

/** As many senders as a test asks for, on one real PostgreSQL; they look when they are kicked, and not by themselves. */
export async function startGateways() {
  const dir = join(tmpdir(), `custodia-notices-${uuidv7()}`)
  const postgres = await startTestPostgres()
  const { db } = postgres.records
  const config = readConfig({ CUSTODIA_DATA_DIR: dir, CUSTODIA_NOTICES_ALLOW: '127.0.0.1' })
  const logger = pino({ level: 'silent' })
  const mouth = new Mouth(config, await openKeyFile(join(dir, 'master.json')), logger)
  const senders: Sender[] = []
  const sender = () => {
    const made = new Sender(config, logger, new Deliveries(postgres.records), mouth)
    senders.push(made)
    return made
  }
  return {
    dir,
    db,
    deliveries: new Deliveries(postgres.records),
    sender,
    channel: async (over: Partial<NewChannel>): Promise<string> => {
      const { config: leadsTo, ...settings } = aChannel(over)
      const [id, sealed] = [uuidv7(), { kind: leadsTo.kind, target: '-' }]
      const createdAt = new Date(0)
      await db
        .insert(noticeChannels)
        .values({ id, settings, ...sealed, config: await mouth.seal(id, leadsTo), createdAt })
      return id
    },
    rows: () => db.select().from(noticeDeliveries).orderBy(noticeDeliveries.id),
    /** as if that much time had passed for what waits */
    later: () => db.update(noticeDeliveries).set({ dueAt: new Date(0) }),
    clear: async () => {
      await Promise.all(senders.splice(0).map((made) => made.onModuleDestroy()))
      await db.delete(noticeChannels)
    },
    stop: () => postgres.stop(),
  }
}

export type Gateways = Awaited<ReturnType<typeof startGateways>>

/** An alert of its own rule and person; override what the test is about. */
export const somethingTold = (over: Partial<Told> = {}): Told => {
  const id = uuidv7()
  return { id, group: id, respond: ['alert'], notice: aNotice(), ...over }
}
