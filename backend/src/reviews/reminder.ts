import type { Alert } from '@custodia/contracts'
import type { Told } from '../notices/told.js'
import { localTime } from '../notices/words.js'
import { systemAlert } from '../response/system-alert.js'

const dayMs = 86_400_000
const soonMs = 3 * dayMs

/** What is said of a review that is open: once as it begins, once when three days are left, and every day it is late. */
export function reminderOf(review: { id: string; dueAt: Date }, left: number, now: Date, timeZone: string): Told {
  const rest = review.dueAt.getTime() - now.getTime()
  const late = rest < 0
  const stage = late ? `late:${Math.floor(-rest / dayMs)}` : rest < soonMs ? 'soon' : 'begun'
  const due = localTime(review.dueAt.toISOString(), timeZone)
  const en = late
    ? `The access review was due ${due}: ${peopleAre(left)} still not decided upon.`
    : `An access review is open until ${due}: ${peopleAre(left)} to be confirmed or removed.`
  const zh = late
    ? `访问权限复核应于 ${due} 前完成，现已逾期：还有 ${left} 人未处理。`
    : `访问权限复核进行中，请于 ${due} 前完成：还有 ${left} 人待确认或移除。`
  return {
    id: `access-review:${review.id}:${stage}`,
    group: 'access-review',
    respond: [],
    notice: {
      kind: 'access_review',
      severity: late ? 'high' : 'low',
      at: now.toISOString(),
      title: late
        ? { en: 'The access review is overdue', zh: '访问权限复核已逾期' }
        : { en: 'Access review', zh: '访问权限复核' },
      text: { en, zh },
      path: '/reviews',
    },
  }
}

/** For the desk, once: the daily notices are of a kind of their own. */
export const overdueAlert = (review: string, left: number, now: Date): Alert =>
  systemAlert({
    rule: 'access-review-overdue',
    title: 'The access review is overdue',
    text: {
      en: `The access review was not completed in time: ${peopleAre(left)} not decided upon. Who that is, administrators and auditors see under Access reviews.`,
      zh: `访问权限复核未按时完成：还有 ${left} 人未处理。管理员和审计员可在“权限复核”中查看具体人员。`,
    },
    eventId: review,
    at: now,
    severity: 'high',
  })

const peopleAre = (n: number) => (n === 1 ? '1 person is' : `${n} people are`)
