/** Injection tokens of the ports. Which adapter stands behind each is said in adapters.module.ts alone. */
export const EVENT_LOG = Symbol('event log')
export const AUDIT_STORE = Symbol('audit store')
export const RECORD_STORE = Symbol('record store')
export const PHOTO_STORE = Symbol('photo store')
export const KEY_PROVIDER = Symbol('key provider')
export const LOGGER = Symbol('logger')
