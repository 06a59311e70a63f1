import type { rules as en } from '../en/rules.js'
import type { Translated } from '../translated.js'

export const rules: Translated<typeof en> = {
  title: '规则',
}
