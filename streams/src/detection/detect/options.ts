export interface EventShape {
  /** the field with an event's id; without a name given it is `id`, or else the number of its line */
  idField?: string
  timeField: string
}

export interface DetectOptions extends EventShape {
  firings: 'all' | 'alerts'
  /** how many newer events may come before one */
  reorder: number
  /** how many threads read, beside the one that judges; 0: that one reads too */
  readers: number
}
