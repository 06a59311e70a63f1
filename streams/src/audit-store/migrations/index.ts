import { tables } from './001-tables.js'
import { views } from './002-views.js'

/** One step of the schema. Published steps never change: a change is a new step at the end. */
export interface Migration {
  version: number
  name: string
  /** each can be repeated without harm */
  statements: readonly string[]
}

export const migrations: readonly Migration[] = [
  { version: 1, name: 'tables', statements: tables },
  { version: 2, name: 'views', statements: views },
]
