import { runPeer } from '../../testing/peer-process.js'
import { openKafkaEventLog } from '../kafka.js'

// a place is `<brokers>/<prefix>`
await runPeer((place) => {
  const [brokers = '', prefix = ''] = place.split('/')
  return openKafkaEventLog({ brokers: brokers.split(','), clientId: 'peer', prefix })
})
