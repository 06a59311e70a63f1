import type { live as en } from '../en/live.js'
import type { Translated } from '../translated.js'

export const live: Translated<typeof en> = {
  title: '实时',
}
