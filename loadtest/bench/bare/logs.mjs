// The limits of an append: LMDB and kafkajs by themselves, with the durability of the port and no promise beyond it.
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { open } from 'lmdb'

/** Puts gather into one flushed transaction, as lmdb does it by itself. */
const lmdb = ({ dir }) => {
  // a commit is flushed before it resolves, as the port's is
  const db = open({ path: join(dir, 'bare.mdb'), noSubdir: true, encoding: 'binary', overlappingSync: false })
  let next = 0
  return {
    append: ({ value }) => db.put(next++, value),
    appendAll: (records) => db.transaction(() => records.forEach(({ value }) => void db.put(next++, value))),
    close: () => db.close(),
  }
}

const kafka = async ({ brokers, prefix }) => {
  const client = new kafkajs.Kafka({
    brokers,
    clientId: 'bare',
    logLevel: kafkajs.logLevel.NOTHING,
    socketFactory: ({ host, port, onConnect }) => connectSocket({ host, port, noDelay: true }, onConnect),
  })
  const topic = `${prefix}bare`
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 6 }] })
  await admin.disconnect()
  const producer = client.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  const send = (messages) => producer.send({ topic, acks: -1, messages })
  return { append: (record) => send([record]), appendAll: send, close: () => producer.disconnect() }
}

export const openBareLog = (place) => (place.brokers ? kafka(place) : lmdb(place))
