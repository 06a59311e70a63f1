import type { people as en } from '../en/people.js'
import type { Translated } from '../translated.js'

export const people: Translated<typeof en> = {
  title: '人员',
}
