export * from './event-log.js'
export { openEmbeddedEventLog } from './embedded.js'
export type { EmbeddedEventLogOptions } from './embedded.js'
