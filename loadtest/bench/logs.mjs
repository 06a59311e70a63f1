import { openEmbeddedEventLog, openKafkaEventLog } from '@custodia/streams/event-log'

/** The port over the twin that a place names: a directory, or brokers and a prefix. */
export const openLog = ({ dir, brokers, prefix }) =>
  brokers
    ? openKafkaEventLog({ brokers, prefix, clientId: 'custodia-bench', timeoutMs: 30_000 })
    : openEmbeddedEventLog({ dir, timeoutMs: 30_000 })
