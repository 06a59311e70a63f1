import type { BaselinePiece } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import type { TestPerson } from '../testing/gateway.js'

/** Until what was frozen is in force. */
const noticeMs = 1_500

/** The gateway freezes what it has seen once, soon after its start: the last in the log is in force, so that one must be there first. */
const ownFrozen = async (log: EventLog): Promise<void> => {
  while (!(await log.range('baselines')).some(({ start, end }) => end > start))
    await new Promise((resolve) => setTimeout(resolve, 100))
}

/** Freezes that a person, and everybody of their work, has opened one customer a day for four weeks and nothing else. */
export async function freezeUsual(log: EventLog, { account }: TestPerson): Promise<void> {
  const usual: Pick<BaselinePiece['people'][string], 'day' | 'hours'> = { day: { views: [1, 0] }, hours: {} }
  const group = `${account.role}/${account.team}`
  const piece: BaselinePiece = {
    date: '2026-01-01',
    offset_minutes: 480,
    freeze: 'test',
    piece: 0,
    pieces: 1,
    people: { [account.id]: { ...usual, days: 20, weeks: 4, group, countries: [] } },
    groups: { [group]: { ...usual, days: 200, weeks: 40, people: 10, total: { views: 2_000 } } },
  }
  await ownFrozen(log)
  await log.append('baselines', { key: piece.date, value: Buffer.from(JSON.stringify(piece)) })
  await new Promise((resolve) => setTimeout(resolve, noticeMs))
}
