/** What is asked of a rule: alerts in [from, to), out of what happened since `start`. */
export interface Reading {
  start: number
  from: number
  to: number
  /** nothing came before `start` */
  whole: boolean
}

/** An alert that a rule gives, or would have given. */
export interface PastAlert {
  id: string
  /** milliseconds */
  at: number
  group: Record<string, string>
  event_id: string
  value: number
}

export interface Answer {
  alerts: PastAlert[]
  /** groups whose suppression at the beginning of the period cannot be told from what was read */
  unsure: number
}

/** A time as a parameter of type DateTime64(3, 'UTC'). */
export const dateTime = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace('T', ' ')
