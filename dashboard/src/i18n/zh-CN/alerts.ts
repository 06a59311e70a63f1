import type { alerts as en } from '../en/alerts.js'
import type { Translated } from '../translated.js'

export const alerts: Translated<typeof en> = {
  title: '警报',
}
