const MINUTE = 60_000
const RECORDS = 200_000
const foreign = ['US', 'CN', 'RU', 'BR', 'NG', 'VN']

/** Attacks in the midst of ordinary work: seven kinds, each a handful of events that wait until their time has come. */
export const attacks = (random, actors) => {
  const { next, below, pick } = random
  const waiting = []
  const isBefore = (a, b) => a.t < b.t || (a.t === b.t && a.n < b.n)
  let count = 0
  const push = (event) => {
    let low = 0
    let high = waiting.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(waiting[middle], event)) low = middle + 1
      else high = middle
    }
    waiting.splice(low, 0, event)
  }
  const plan = (t, a, action, outcome, howMany, over = {}) =>
    push({
      n: count++,
      t: Math.floor(t),
      a,
      action,
      outcome,
      count: howMany,
      ip: null,
      cc: null,
      rec: -1,
      purpose: null,
      role: null,
      ...over,
    })
  const address = () => `203.${below(200)}.${below(250)}.${1 + below(250)}`
  const kinds = [
    function guessing(t, a) {
      const n = 6 + below(10)
      const long = (2 + 2 * next()) * MINUTE
      for (let i = 0; i < n; i++) plan(t + next() * long, a, 'login', 'failure', 1)
    },
    function exporting(t, a) {
      const n = 4 + below(5)
      for (let i = 0; i < n; i++) plan(t + next() * 5 * MINUTE, a, 'export', 'success', 80 + below(120))
    },
    function browsing(t, a) {
      const n = 60 + below(31)
      const first = below(RECORDS)
      for (let i = 0; i < n; i++)
        plan(t + next() * 5 * MINUTE, a, 'view', 'success', 1, { rec: (first + i * 7) % RECORDS })
    },
    function guessedAndExported(t, a) {
      let at = t
      for (let i = 0; i < 3; i++) {
        plan(at, a, 'login', 'failure', 1)
        at += (5 + next() * 60) * 1000
      }
      plan(at, a, 'login', 'success', 1)
      plan(at + next() * 8 * MINUTE + 1000, a, 'export', 'success', 1 + below(30))
    },
    function abroad(t, a) {
      const n = 1 + below(3)
      const cc = pick(foreign)
      const ip = address()
      for (let i = 0; i < n; i++) plan(t + i * 30_000 * next(), a, 'view', 'success', 1, { cc, ip })
    },
    function spraying(t) {
      const n = 25 + below(16)
      const ip = address()
      const first = below(actors)
      for (let i = 0; i < n; i++)
        plan(t + next() * 6 * MINUTE, (first + i * 13) % actors, 'login', 'failure', 1, { ip })
    },
    function copying(t, a) {
      const n = 1 + below(3)
      const ip = address()
      for (let i = 0; i < n; i++) {
        const action = next() < 0.5 ? 'export' : 'download'
        const howMany = 101 + below(100)
        const cc = pick(foreign)
        plan(t + i * 20_000, a, action, 'success', howMany, {
          ip,
          cc,
          purpose: next() < 0.5 ? 'other' : '',
          role: 'contractor',
        })
      }
    },
  ]
  return {
    start(t) {
      const a = below(actors)
      kinds[below(kinds.length)](t, a)
    },
    /** the next planned event, if its time has come */
    due: (t) => (waiting.length > 0 && waiting[0].t <= t ? waiting.shift() : undefined),
  }
}
