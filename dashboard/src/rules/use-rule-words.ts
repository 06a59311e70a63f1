import type { RuleFigures } from '@custodia/contracts'
import { live } from '../i18n/en/live.js'
import { useText } from '../i18n/index.js'
import { durationOf, grouped } from '../ui/format.js'
import { precisionOf } from './rule-list.js'

/** What the shipped rules count. A rule of one's own has its own title, in the language it was written in. */
const shipped = {
  'bulk-photo-view': 'customers',
  'bulk-photo-download': 'photos',
  'bulk-export': 'rows',
  'bulk-reveal': 'customers',
  'off-hours-access': 'customers',
  'password-spraying': 'accounts',
  'sign-in-failures-account': 'failures',
  'sign-in-failures-address': 'failures',
  'sequential-crawl': 'customers',
  'session-on-another-network': 'accesses',
  'session-in-another-browser': 'accesses',
  'dormant-account': 'attempts',
  'canary-record': 'accesses',
  'bulk-view-minute': 'customers',
  'bulk-view': 'customers',
  'bulk-view-hour': 'customers',
  'bulk-view-day': 'customers',
  'bulk-photo-view-minute': 'customers',
  'bulk-photo-view-hour': 'customers',
  'bulk-photo-view-day': 'customers',
  'bulk-photo-download-minute': 'photos',
  'bulk-photo-download-hour': 'photos',
  'bulk-photo-download-day': 'photos',
  'bulk-export-minute': 'exports',
  'bulk-export-ten-minutes': 'rows',
  'bulk-reveal-day': 'customers',
  'reveal-id-numbers': 'customers',
  'bulk-export-day': 'rows',
  'many-exports': 'exports',
  'bulk-search': 'customers',
  'search-spree-then-export': 'steps',
  'bulk-delete': 'customers',
  'off-hours-bulk': 'customers',
  'credential-stuffing': 'signs',
  'totp-guessing': 'codes',
  'totp-guessing-day': 'codes',
  'guessed-sign-in': 'steps',
  'closed-account': 'attempts',
  'frozen-account-activity': 'attempts',
  'account-in-two-browsers': 'accesses',
  'one-browser-many-accounts': 'accounts',
  'impossible-travel': 'countries',
  'new-device-then-bulk': 'steps',
  'factor-change-then-bulk': 'steps',
  'permission-probing': 'refusals',
  'record-guessing': 'attempts',
  'consent-missing': 'customers',
  'purpose-shopping': 'purposes',
  'self-granted-rights': 'changes',
  'rights-changed-in-bulk': 'people',
  'large-transaction-off-hours': 'transactions',
  'unusual-volume-day': 'accesses',
  'rare-export': 'exports',
  'risk-score': 'accesses',
  'source-silent': 'signs',
  'gateway-silent': 'signs',
  'relative-record': 'accesses',
  'colleagues-records': 'customers',
} as const
type Shipped = keyof typeof shipped
const isShipped = (name: string): name is Shipped => Object.hasOwn(shipped, name)

const isKnownReason = (reason: string): reason is keyof typeof live.why => Object.hasOwn(live.why, reason)

interface Counted {
  rule: string
  value: number
  limit?: number | undefined
  window_seconds?: number | undefined
}

/** Titles, units and numbers of rules in the reader's language. */
export const useRuleWords = () => {
  const { t, zh, locale } = useText()
  const duration = (seconds: number): string => {
    const { n, unit } = durationOf(seconds)
    return t(`common.duration.${unit}`, { n })
  }
  const unitOf = (rule: string, n: number): string =>
    t(`rules.unit.${isShipped(rule) ? shipped[rule] : 'counted'}`, { n })
  return {
    duration,
    unitOf,
    /** What the engine says of a rule, as it says it in the reader's language; what is older it said in English alone. */
    saidOf: (en: string, chinese: string | undefined): string => (zh.value ? (chinese ?? en) : en),
    titleOf: (rule: string, title: string): string => (zh.value && isShipped(rule) ? t(`rules.titles.${rule}`) : title),
    /** Which part of the alerts that were judged was right. */
    judgedOf: (figures: RuleFigures | undefined): string => {
      const precision = precisionOf(figures)
      return precision
        ? t('rules.precision_of', { share: Math.round(precision.share * 100), n: precision.n })
        : t('rules.precision_none')
    },
    /** Why something was refused: by a rule, or for a reason with a code; what somebody wrote stays as it is. */
    whyOf: (reason: string): string => {
      if (isShipped(reason)) return t(`rules.titles.${reason}`)
      return isKnownReason(reason) ? t(`live.why.${reason}`) : reason
    },
    /** “51 of at most 50 customers in 10 min”; nothing for a rule that fires at a single access */
    numbersOf: ({ rule, value, limit, window_seconds }: Counted): string => {
      if (limit === undefined && !window_seconds) return ''
      const unit = unitOf(rule, limit ?? value)
      const shown = grouped(value, locale.value)
      const what =
        limit === undefined
          ? t('alerts.count', { value: shown, unit })
          : t('alerts.of_limit', { value: shown, limit: grouped(limit, locale.value), unit })
      return window_seconds ? t('alerts.within', { what, window: duration(window_seconds) }) : what
    },
  }
}
