import type { reports as en } from '../en/reports.js'
import type { Translated } from '../translated.js'

export const reports: Translated<typeof en> = {
  title: '报告',
}
