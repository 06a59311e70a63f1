/** What a step made of an item. Closed on purpose: anything else is an exception, and means "stop and read it again". */
export type Result<T> = Keep<T> | Drop | Dead

export interface Keep<T> {
  kind: 'keep'
  value: T
}
/** Nothing is wrong with it and nobody needs it. */
export interface Drop {
  kind: 'drop'
  reason: string
}
/** Nobody will ever be able to use it: it goes to the dead letters, with the reason. */
export interface Dead {
  kind: 'dead'
  reason: string
  cause?: unknown
}

export const keep = <T>(value: T): Keep<T> => ({ kind: 'keep', value })
export const drop = (reason: string): Drop => ({ kind: 'drop', reason })
export const dead = (reason: string, cause?: unknown): Dead => ({ kind: 'dead', reason, cause })
