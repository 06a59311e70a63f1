import type { events as en } from '../en/events.js'
import type { Translated } from '../translated.js'

export const events: Translated<typeof en> = {
  title: '访问记录',
}
