import type { Logger } from 'pino'
import type { Calendar } from '../capture/enricher.js'
import { Browser, pause, Refused } from './browser.js'
import { honestStaff, insider } from './cast.js'
import type { DemoAccount } from './demo-accounts.js'
import { randomFrom, type Random } from './random.js'

const restMs = 30_000
/** caught once, he lies low: long enough to read the alert and lift the freeze */
const thiefRestMs = 20 * 60_000
const stopped = new Set(['account_frozen', 'not_signed_in'])
/** an honest person opens a record every 20 to 60 seconds: far below every limit */
const honestPauseMs: [number, number] = [20_000, 60_000]
const thiefPauseMs = 400
const thiefPhotos = 70

interface Stage {
  origin: string
  accounts: DemoAccount[]
  calendar: Calendar
  logger: Logger
  signal: AbortSignal
}

/** Staff who work when the calendar says so, and one who helps himself. All of them come in through the front door. */
export async function simulate(stage: Stage): Promise<void> {
  const accountOf = (username: string) =>
    stage.accounts.find((account) => account.username.replace(/^demo\./, '') === username)
  const honest = honestStaff.flatMap(({ username }, seed) => {
    const account = accountOf(username)
    return account ? [live(stage, account, (browser) => workDay(stage, browser, randomFrom(seed + 1)))] : []
  })
  const thief = accountOf(insider.username)
  await Promise.all([
    ...honest,
    ...(thief ? [live(stage, thief, (browser) => steal(stage, browser), thiefRestMs)] : []),
  ])
}

/** One person, over and over, whatever happens to the connection or the account. */
async function live(
  { origin, logger, signal }: Stage,
  account: DemoAccount,
  act: (browser: Browser) => Promise<void>,
  afterwardsMs = restMs,
): Promise<void> {
  while (!signal.aborted) {
    let rest = afterwardsMs
    try {
      await act(new Browser(origin, account, signal))
    } catch (error) {
      // The gateway is being restarted, or a code was used: try again soon. Frozen or thrown out: stay away for a while.
      if (!(error instanceof Refused) || !stopped.has(error.code)) rest = restMs
      if (!signal.aborted)
        logger.debug({ code: error instanceof Refused ? error.code : 'connection' }, 'demo person interrupted')
    }
    await pause(rest, signal)
  }
}

/** Searches, opens a record, and looks at its photo now and then, for a purpose; goes home when the calendar says so. */
async function workDay({ calendar, signal }: Stage, browser: Browser, random: Random): Promise<void> {
  if (calendar(new Date()).off_hours) return
  await pause(random.between(0, 15_000), signal)
  await browser.signIn()
  while (!signal.aborted && !calendar(new Date()).off_hours) {
    const { items } = await browser.call('customersSearch', { query: { mine: 'true', limit: '20' } })
    const customer = items.length
      ? await browser.call('customerView', { params: { id: random.pick(items).id } })
      : undefined
    const photo = customer?.photos?.[0]
    if (photo && random.next() < 0.4)
      await browser.call('photoView', { params: { id: photo.id }, query: { purpose: 'identity_check' } })
    await pause(random.between(...honestPauseMs), signal)
  }
  await browser.call('signOut')
}

/** Opens one customer's photo after the other, much faster than anybody works, until he is stopped. */
async function steal({ signal }: Stage, browser: Browser): Promise<void> {
  await browser.signIn()
  let opened = 0
  for (let cursor: string | undefined, more = true; more && opened < thiefPhotos && !signal.aborted;) {
    const page = await browser.call('customersSearch', {
      query: { mine: 'true', limit: '50', ...(cursor ? { cursor } : {}) },
    })
    for (const { id } of page.items) {
      if (opened >= thiefPhotos || signal.aborted) break
      const { photos } = await browser.call('customerView', { params: { id } })
      const photo = photos?.find(({ kind }) => kind === 'id_front')
      if (photo) await look(browser, photo.id)
      opened++
      await pause(thiefPauseMs, signal)
    }
    cursor = page.next
    more = cursor !== undefined
  }
}

/** He tries on after the first refusal; only a lost session stops him. */
async function look(browser: Browser, photo: string): Promise<void> {
  try {
    await browser.call('photoView', { params: { id: photo }, query: { purpose: 'identity_check' } })
  } catch (error) {
    if (!(error instanceof Refused) || (error.code !== 'limit_reached' && error.code !== 'verdict_missing')) throw error
  }
}
