type Line = Record<string, string | number>

/** A Tuesday's morning in Shanghai, and the night after it. */
const morning = Date.parse('2026-03-10T02:00:00.000Z')
const night = Date.parse('2026-03-10T17:00:00.000Z')

interface Trip {
  from?: number
  count?: number
  everySeconds?: number
}

/** Lines of one outside account, named after the rule that they are to trip; `n` counts from 1. */
const lines =
  ({ from = morning, count = 1, everySeconds = 1 }: Trip, line: (n: number) => Line) =>
  (rule: string): Line[] =>
    Array.from({ length: count }, (_, n) => ({
      time: new Date(from + n * everySeconds * 1000).toISOString(),
      actor: rule,
      outcome: 'granted',
      ...line(n + 1),
    }))
const later = (minutes: number): number => morning + minutes * 60_000

const customer = (action: string) => (n: number) => ({ action, customer_id: `c-${n}` })
const exported = (count: number) => () => ({ action: 'export', count })
const refused = (reason: string) => (n: number) => ({ ...customer('view')(n), outcome: 'refused', reason })
const failure =
  (over: (n: number) => Line = () => ({})) =>
  (n: number) => ({
    action: 'sign_in',
    outcome: 'failed',
    reason: 'bad_credentials',
    factor: 'password',
    ...over(n),
  })
const wrongCode = failure(() => ({ factor: 'totp' }))

const trips: Record<string, ((rule: string) => Line[])[]> = {
  'bulk-view-minute': [lines({ count: 51 }, customer('view'))],
  'bulk-view': [lines({ count: 101, everySeconds: 5 }, customer('view'))],
  'bulk-view-hour': [lines({ count: 301, everySeconds: 10 }, customer('view'))],
  'bulk-view-day': [lines({ count: 801, everySeconds: 60 }, customer('view'))],
  'bulk-photo-view-minute': [lines({ count: 21, everySeconds: 2 }, customer('photo_view'))],
  'bulk-photo-view': [lines({ count: 51, everySeconds: 10 }, customer('photo_view'))],
  'bulk-photo-view-hour': [lines({ count: 151, everySeconds: 20 }, customer('photo_view'))],
  'bulk-photo-view-day': [lines({ count: 301, everySeconds: 120 }, customer('photo_view'))],
  'bulk-photo-download': [lines({ count: 21, everySeconds: 20 }, customer('photo_download'))],
  'bulk-photo-download-minute': [lines({ count: 11, everySeconds: 5 }, customer('photo_download'))],
  'bulk-photo-download-hour': [lines({ count: 41, everySeconds: 80 }, customer('photo_download'))],
  'bulk-photo-download-day': [lines({ count: 61, everySeconds: 600 }, customer('photo_download'))],
  'bulk-reveal': [lines({ count: 31, everySeconds: 10 }, customer('reveal'))],
  'bulk-reveal-day': [lines({ count: 151, everySeconds: 180 }, customer('reveal'))],
  'bulk-export': [lines({}, exported(2001))],
  'bulk-export-minute': [lines({ count: 4, everySeconds: 10 }, exported(1))],
  'bulk-export-ten-minutes': [lines({ count: 3, everySeconds: 180 }, exported(501))],
  'bulk-export-day': [lines({ count: 11, everySeconds: 3600 }, exported(500))],
  'many-exports': [lines({ count: 10, everySeconds: 60 }, exported(1))],
  'bulk-search': [lines({ count: 51, everySeconds: 30 }, () => ({ action: 'search', count: 100 }))],
  'bulk-delete': [lines({ count: 20, everySeconds: 60 }, customer('delete'))],
  'search-spree-then-export': [
    lines({ count: 20, everySeconds: 20 }, () => ({ action: 'search', count: 1 })),
    lines({ from: later(10) }, exported(20)),
  ],
  'off-hours-access': [lines({ from: night, count: 15, everySeconds: 60 }, customer('view'))],
  'off-hours-bulk': [lines({ from: night, count: 8, everySeconds: 300 }, customer('photo_view'))],
  'large-transaction-off-hours': [lines({ from: night }, () => ({ action: 'create', amount: 600_000 }))],
  'sign-in-failures-account': [lines({ count: 5 }, failure())],
  'sign-in-failures-address': [
    lines(
      { count: 5 },
      failure((n) => ({ actor: `account-${n}`, ip: 'sign-in-failures-address' })),
    ),
  ],
  'password-spraying': [
    lines(
      { count: 15 },
      failure((n) => ({ actor: `sprayed-${n}`, ip: 'password-spraying' })),
    ),
  ],
  'credential-stuffing': [
    lines(
      { from: later(60), count: 60 },
      failure((n) => ({ actor: `stuffed-${n}`, ip: `203.0.113.${n}` })),
    ),
  ],
  'totp-guessing': [lines({ count: 5, everySeconds: 60 }, wrongCode)],
  'totp-guessing-day': [lines({ count: 20, everySeconds: 3600 }, wrongCode)],
  'guessed-sign-in': [
    lines({ count: 10, everySeconds: 10 }, failure()),
    lines({ from: later(5) }, () => ({ action: 'sign_in', factor: 'totp' })),
  ],
  'account-in-two-browsers': [
    lines({ count: 24, everySeconds: 30 }, (n) => ({ ...customer('view')(n), device: `browser-${n % 2}` })),
  ],
  'one-browser-many-accounts': [
    lines({ count: 5 }, (n) => ({ action: 'sign_in', actor: `shared-${n}`, device: 'one-browser-many-accounts' })),
  ],
  'closed-account': [lines({}, () => ({ action: 'sign_in', outcome: 'refused', reason: 'account_disabled' }))],
  'frozen-account-activity': [lines({ count: 10 }, refused('account_frozen'))],
  'permission-probing': [lines({ count: 10 }, refused('not_allowed'))],
  'record-guessing': [
    lines({ count: 15 }, (n) => ({ ...customer('view')(n), outcome: 'failed', reason: 'not_found' })),
  ],
  'consent-missing': [lines({ count: 16 }, refused('consent_missing'))],
  'purpose-shopping': [
    lines({ count: 3 }, (n) => ({ action: 'photo_view', customer_id: 'c-1', purpose: `purpose-${n}` })),
  ],
}

/** What an outside system sends to trip each rule that its events can trip, told by the fields of a mapping alone. */
export const outsideTrips: Record<string, Line[]> = Object.fromEntries(
  Object.entries(trips).map(([rule, parts]) => [rule, parts.flatMap((part) => part(rule))]),
)
