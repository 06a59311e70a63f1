import { openEmbeddedEventLog } from '../embedded.js'
import { runPeer } from './peer-process.js'

await runPeer((dir) => openEmbeddedEventLog({ dir }))
