export { askHealth, askParts } from './ask-health.js'
export { serveHealth, type HealthPart, type HealthServer } from './serve-health.js'
