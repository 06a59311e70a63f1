import type { records as en } from '../en/records.js'
import type { Translated } from '../translated.js'

export const records: Translated<typeof en> = {
  title: '客户',
}
