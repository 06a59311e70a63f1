export { reaching, StartError, telling, whyOf } from '@custodia/streams/settings'
