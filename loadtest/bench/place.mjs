import { openEmbeddedEventLog, openKafkaEventLog } from '../../streams/dist/event-log/index.js'

/** The log of a directory, or of a broker. */
export const openPlace = ({ dir, brokers, prefix }, clientId) =>
  brokers ? openKafkaEventLog({ brokers, prefix, clientId }) : openEmbeddedEventLog({ dir })
