import type { EventLog } from '../event-log.js'
import type { PeerNews, PeerOrder } from './peer.js'

const tell = (news: PeerNews): void => void process.send?.(news)
const text = (value: Uint8Array): string => Buffer.from(value).toString()

/** The whole of the other process: does what it is ordered, on a log of its own adapter. */
export const runPeer = async (open: (place: string) => Promise<EventLog>): Promise<void> => {
  const log = await open(process.argv[2] ?? '')
  const append = async (order: { topic: PeerAppend['topic'] }, key: string, value: string): Promise<void> => {
    const { partition, offset } = await log.append(order.topic, { key, value: Buffer.from(value) })
    tell({ news: 'appended', partition, offset, value })
  }
  const obey = async (order: PeerOrder): Promise<void> => {
    if (order.do === 'append') for (const value of order.values) await append(order, order.key, value)
    if (order.do === 'append for ever')
      await Promise.all(
        order.keys.map(async (key) => {
          for (let n = 0; ; n++) await append(order, key, `${key} ${n}`)
        }),
      )
    if (order.do === 'append and die') {
      await log.append(order.topic, { key: order.key, value: Buffer.from(order.value) })
      process.kill(process.pid, 'SIGKILL')
    }
    if (order.do === 'tail') {
      const tail = log.tail({ topic: order.topic }, (records) => {
        for (const { partition, offset, value } of records)
          tell({ news: 'read', partition, offset, value: text(value) })
      })
      await tail.ready
      tell({ news: 'ready' })
    }
    if (order.do === 'consume') {
      const consumer = log.consume(order, {
        assigned: async ({ partition }) => tell({ news: 'assigned', partition }),
        revoked: async ({ partition }) => tell({ news: 'revoked', partition }),
        batch: async (partition, records) => {
          for (const record of records)
            tell({ news: 'read', partition: record.partition, offset: record.offset, value: text(record.value) })
          const last = records.at(-1)
          if (order.commit && last) await partition.commit(last.offset + 1)
        },
      })
      await consumer.ready
      tell({ news: 'ready' })
    }
    if (order.do === 'close') {
      await log.close()
      tell({ news: 'closed' })
      process.disconnect()
    }
  }
  process.on('message', (order: PeerOrder) => void obey(order))
  process.on('disconnect', () => process.exit())
  tell({ news: 'ready' })
}

type PeerAppend = Extract<PeerOrder, { do: 'append' }>
