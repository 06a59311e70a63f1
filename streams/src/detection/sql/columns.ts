import type { Source } from './source.js'
import { replayIf, Unsupported } from './unsupported.js'

/** What correlations need of an event, each a column `e0`, `e1`, … that its row carries along. */
export class Columns {
  private readonly names = new Map<string, string>()

  constructor(private readonly source: Source) {}

  /** the value of a group-by field as an array: empty where the event has none */
  group(field: string): string {
    const read = this.source.field(field)
    if (!read) return this.column('emptyArrayString()')
    if (read.list) throw new Unsupported('groups by a field that is a list are not SQL')
    const column = this.column(read.texts())
    return this.column(
      `if(${replayIf(`length(${column}) > 1`, 'a group has several values in one field')}, ${column}, ${column})`,
    )
  }

  /** its different values, as texts */
  values(field: string): string {
    return this.column(`arrayDistinct(${this.source.field(field)?.texts() ?? 'emptyArrayString()'})`)
  }

  numbers(field: string): string {
    return this.column(this.source.field(field)?.numbers() ?? 'emptyArrayFloat64()')
  }

  list(): string[] {
    return [...this.names].map(([sql, name]) => `${sql} AS ${name}`)
  }

  all(): string[] {
    return [...this.names.values()]
  }

  private column(sql: string): string {
    const name = this.names.get(sql) ?? `e${this.names.size}`
    this.names.set(sql, name)
    return name
  }
}
