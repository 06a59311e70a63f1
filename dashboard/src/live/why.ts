import type { Translate } from '../i18n/index.js'
import { live } from '../i18n/en/live.js'

type Why = keyof typeof live.why
const isKnown = (code: string): code is Why => Object.hasOwn(live.why, code)

/** Why something was refused, in two words; a reason that somebody wrote stays as it is. */
export const whyOf = (t: Translate, reason: string): string => (isKnown(reason) ? t(`live.why.${reason}`) : reason)
