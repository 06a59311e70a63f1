export { compose, type Outcome, type Pipeline, type Step } from './compose.js'
export { consume, type ConsumeDeps, type Range, type Sink, type Stream } from './consume.js'
export { letterOf } from './dead-letter.js'
export { dead, drop, keep, type Result } from './result.js'
