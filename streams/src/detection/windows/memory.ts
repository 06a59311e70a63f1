import { Texts } from './texts.js'

/** The ids of events, by numbers. What windows hold is kept. */
export interface EventIds {
  textOf(number: number): string
  keep(number: number): void
  release(number: number): void
}

/** What windows remember by number: texts to tell apart and to group by, and ids of events. */
export interface Memory {
  texts: Texts
  ids: EventIds
}

/** ids are texts like any other */
export const textsAlone = (): Memory => {
  const texts = new Texts()
  return { texts, ids: texts }
}
