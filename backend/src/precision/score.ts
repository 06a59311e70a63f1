import type { Alert } from '@custodia/contracts'
import type { Insider } from './insiders.js'
import type { Played } from './play.js'

const minute = 60_000
/** How soon the desk answers, assumed: a quarter of an hour where a rule notifies, an hour where it only alerts. */
const answers = { notified: 15 * minute, alerted: 60 * minute }

export interface Outcome {
  insider: Insider
  /** rules that spoke of it, in order of time */
  rules: string[]
  /** records that had left by the first word, and until somebody or something stopped it; all of them where nothing did */
  beforeAlert: number
  beforeResponse: number
}

export interface Score {
  outcomes: Outcome[]
  /** alerts about an insider’s acts, or about the insider after them, and all others */
  right: Alert[]
  wrong: Alert[]
}

const freezes = ({ mode, respond }: Alert): boolean =>
  mode === 'live' && respond.some((response) => response.do === 'freeze')
const notifies = ({ respond }: Alert): boolean => respond.some((response) => response.do === 'notify')
const stoppedBy = (alert: Alert): number => {
  const at = Date.parse(alert.time)
  return freezes(alert) ? at : at + (notifies(alert) ? answers.notified : answers.alerted)
}

/** Alerts a day and freezes, of live rules. */
export function quietOf({ days }: Played): { alertsADay: number[]; freezes: number } {
  const live = days.map(({ alerts }) => alerts.filter(({ mode }) => mode === 'live'))
  return { alertsADay: live.map((alerts) => alerts.length), freezes: live.flat().filter(freezes).length }
}

export function scoreOf({ days, insiders, stopped }: Played): Score {
  const byAct = new Map(insiders.flatMap((insider) => insider.acts.map(({ event }) => [event.id, insider] as const)))
  const about = new Map<Insider, Alert[]>()
  const [right, wrong]: [Alert[], Alert[]] = [[], []]
  for (const alert of days.flatMap(({ alerts }) => alerts).filter(({ mode }) => mode === 'live')) {
    const insider =
      alert.evidence.map((id) => byAct.get(id)).find((found) => found !== undefined) ??
      insiders.find((one) => one.person.id === alert.actor && Date.parse(alert.time) >= (one.acts[0]?.at ?? Infinity))
    if (insider) about.set(insider, [...(about.get(insider) ?? []), alert])
    ;(insider ? right : wrong).push(alert)
  }
  const outcomes = insiders.map((insider) => {
    const alerts = (about.get(insider) ?? []).sort((a, b) => (a.time < b.time ? -1 : 1))
    const takenBy = (moment: number): number => {
      const taken = insider.acts.filter(
        ({ at, event, takes }) => takes > 0 && at <= moment && event.outcome !== 'refused' && !stopped.has(event.id),
      )
      // a customer who is opened twice is out once
      const once = new Map(taken.map(({ event, takes }) => [event.customer_id ?? event.id, takes]))
      return [...once.values()].reduce((sum, takes) => sum + takes, 0)
    }
    return {
      insider,
      rules: [...new Set(alerts.map(({ rule }) => rule))],
      beforeAlert: takenBy(Math.min(...alerts.map(({ time }) => Date.parse(time)))),
      beforeResponse: takenBy(Math.min(...alerts.map(stoppedBy))),
    }
  })
  return { outcomes, right, wrong }
}
