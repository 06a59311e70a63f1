import { createHash } from 'node:crypto'
import { loudRules, type AccountRecord, type Alert, type Response, type StoredNotice } from '@custodia/contracts'
import type { CalendarWarning } from '../capture/calendar-watch.js'
import { localTime } from './words.js'

/** Something that happened, as notices see it. */
export interface Told {
  /** the same however often it is heard of */
  id: string
  /** what repeats of it have in common */
  group: string
  notice: StoredNotice
  /** what the rule asks for, where a rule fired */
  respond: Response['do'][]
}

/** Names behind account ids, looked up before. */
export type NameOf = (account: string) => string

const guards = new Set(loudRules)

/** `alert` as people read it. What only runs in shadow is told to nobody. */
export function alertTold(alert: Alert): Told | undefined {
  if (alert.mode !== 'live' || alert.rule === 'access-review-overdue') return undefined // reminders tell of the latter
  const { id, rule, title, text, severity, actor_name, demo, drill } = alert
  const kind = guards.has(rule) ? 'guard' : 'alert'
  return {
    id: `alert:${id}`,
    group: JSON.stringify([kind, rule, alert.group]),
    respond: alert.respond.map((step) => step.do),
    notice: {
      kind,
      severity,
      at: alert.time,
      title: { en: title, zh: title },
      text,
      rule,
      actor_name,
      alert_id: id,
      path: `/alerts/${encodeURIComponent(id)}`,
      demo,
      drill,
    },
  }
}

/** Freezes and what is asked about them. Reasons and messages that people typed stay on the page: they may hold anything. */
export function accountTold(record: AccountRecord, nameOf: NameOf, timeZone: string): Told | undefined {
  switch (record.kind) {
    case 'frozen': {
      const { id, account, by, rule, severity = 'high', until, set_at, alert_id, drill } = record.freeze
      const [name, end] = [nameOf(account), localTime(until, timeZone)]
      const [en, zh] = rule ? [`by rule ${rule}`, `规则 ${rule}`] : [`by ${nameOf(by)}`, nameOf(by)]
      return about(account, {
        id: `freeze:${id}`,
        notice: {
          kind: 'freeze',
          severity,
          at: set_at,
          title: { en: `${name} is frozen`, zh: `${name} 已被冻结` },
          text: { en: `${name} was frozen ${en} until ${end}.`, zh: `${name} 已由${zh}冻结，至 ${end}。` },
          rule,
          actor_name: name,
          alert_id,
          drill,
        },
      })
    }
    case 'lifted': {
      const { id, account, lifted_by = 'system', lifted_at, set_at, drill } = record.freeze
      if (drill) return undefined // it is over, and nobody has to do anything
      const name = nameOf(account)
      const overtime = lifted_by === 'system'
      return about(account, {
        id: `lift:${id}`,
        notice: {
          kind: 'lift',
          severity: 'low',
          at: lifted_at ?? set_at,
          title: { en: `The freeze of ${name} is lifted`, zh: `${name} 已解除冻结` },
          text: overtime
            ? { en: `The freeze of ${name} ended: its time is up.`, zh: `${name} 的冻结已到期解除。` }
            : {
                en: `${nameOf(lifted_by)} lifted the freeze of ${name}.`,
                zh: `${nameOf(lifted_by)} 解除了 ${name} 的冻结。`,
              },
          actor_name: name,
        },
      })
    }
    case 'lift_asked': {
      const { id, account, lift_asked_by: by = '', lift_asked_at, set_at } = record.freeze
      const name = nameOf(account)
      return about(account, {
        id: `lift-asked:${id}:${by}`,
        notice: {
          kind: 'lift_request',
          severity: 'medium',
          at: lift_asked_at ?? set_at,
          title: { en: `A second person is needed for ${name}`, zh: `解除 ${name} 的冻结需要第二人` },
          text: {
            en: `${nameOf(by)} asks to lift the freeze of ${name}. A second person must confirm it.`,
            zh: `${nameOf(by)} 申请解除 ${name} 的冻结，需第二人确认。`,
          },
          actor_name: name,
        },
      })
    }
    case 'lift_requested': {
      const { account, account_name: name, at } = record
      return about(account, {
        id: `lift-request:${account}:${at}`,
        notice: {
          kind: 'lift_request',
          severity: 'medium',
          at,
          title: { en: `${name} asks to be let in again`, zh: `${name} 申请解除冻结` },
          text: {
            en: `${name} is frozen and wrote to the security desk. The message is on the page.`,
            zh: `${name} 已被冻结，并向安全团队留言。留言请在页面查看。`,
          },
          actor_name: name,
        },
      })
    }
    default:
      return undefined // measures and ended sessions follow from alerts, which are told
  }
}

/** What the backups' watch found, once a day for as long as it lasts. */
export function backupTold(warnings: readonly string[], now: Date): Told {
  const day = now.toISOString().slice(0, 10)
  const hash = createHash('sha256').update(JSON.stringify(warnings)).digest('hex').slice(0, 16)
  const list = warnings.join('; ')
  return {
    id: `backup:${hash}:${day}`,
    group: 'backup',
    respond: [],
    notice: {
      kind: 'backup',
      severity: 'critical',
      at: now.toISOString(),
      title: { en: 'Backups need attention', zh: '备份需要处理' },
      text: { en: `Backups need attention: ${list}.`, zh: `备份需要处理：${list}。` },
      path: '/',
    },
  }
}

const weekMs = 7 * 86_400_000

/** The calendar runs out: once a week until it does, once a day from then on. */
export function calendarTold({ late, year, team, en, zh }: CalendarWarning, now: Date): Told {
  const period = late ? now.toISOString().slice(0, 10) : `week-${Math.floor(now.getTime() / weekMs)}`
  return {
    id: `calendar:${year}:${period}${team ? `:${team}` : ''}`,
    group: 'calendar',
    respond: [],
    notice: {
      kind: 'calendar',
      severity: late ? 'critical' : 'medium',
      at: now.toISOString(),
      title: { en: 'The business calendar runs out', zh: '工作日历即将失效' },
      text: {
        en: `Business calendar: ${en}. Write the year into the file of CUSTODIA_CALENDAR.`,
        zh: `工作日历：${zh}。请将该年的安排写入 CUSTODIA_CALENDAR 所指的文件。`,
      },
      path: '/',
    },
  }
}

export const testNotice = (now: Date): StoredNotice => ({
  kind: 'test',
  severity: 'informational',
  at: now.toISOString(),
  title: { en: 'This channel works', zh: '此通道可用' },
  text: { en: 'Somebody pressed the test button.', zh: '有人按下了测试按钮。' },
  path: '/admin/notices',
})

const about = (account: string, { id, notice }: { id: string; notice: Omit<StoredNotice, 'path'> }): Told => ({
  id,
  group: JSON.stringify([notice.kind, account]),
  respond: [],
  notice: { ...notice, path: `/people/${encodeURIComponent(account)}` },
})
