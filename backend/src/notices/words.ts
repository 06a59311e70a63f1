import type { NoticeKind, NoticeLanguage, Severity, StoredNotice } from '@custodia/contracts'

/** A notice on its way to one channel. */
export interface Message {
  /** of the delivery: the same at every attempt, so that a receiver can tell a repeat */
  id: string
  notice: StoredNotice
  /** how many of its rule and person this one stands for */
  repeats: number
  /** where the pages are */
  origin: string
  timeZone: string
}

/** What people read, whatever carries it. */
export interface Words {
  subject: string
  lines: string[]
  link: string
}

const mostCharacters = 500 // the strictest receiver takes 2,048 bytes

const severities: Record<NoticeLanguage, Record<Severity, string>> = {
  en: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', informational: 'info' },
  'zh-CN': { critical: '严重', high: '高', medium: '中', low: '低', informational: '提示' },
}
const kinds: Record<NoticeLanguage, Record<NoticeKind, string>> = {
  en: {
    alert: 'alert',
    freeze: 'freeze',
    lift: 'freeze lifted',
    lift_request: 'request to lift',
    guard: 'guard',
    backup: 'backup',
    calendar: 'calendar',
    access_review: 'access review',
    test: 'test',
  },
  'zh-CN': {
    alert: '警报',
    freeze: '冻结',
    lift: '解除冻结',
    lift_request: '申请解除冻结',
    guard: '保护',
    backup: '备份',
    calendar: '日历',
    access_review: '权限复核',
    test: '测试',
  },
}

const marks = {
  none: { en: '', zh: '' },
  demo: { en: ', demo', zh: '·演示' },
  drill: { en: ', DRILL', zh: '·演练' },
}

export function wordsOf({ notice, repeats, origin, timeZone }: Message, language: NoticeLanguage): Words {
  const side = language === 'en' ? 'en' : 'zh'
  const [severity, kind] = [severities[language][notice.severity], kinds[language][notice.kind]]
  const title = clipped(notice.title[side], 120)
  const text = clipped(notice.text[side], mostCharacters)
  const at = localTime(notice.at, timeZone)
  const link = new URL(notice.path, origin).href
  const mark = notice.drill ? marks.drill : notice.demo ? marks.demo : marks.none
  if (language === 'en')
    return {
      subject: `[Custodia${mark.en}] ${kind} (${severity}): ${title}`,
      lines: [text, ...(repeats > 1 ? [`${repeats} times since the last message.`] : []), `${at} (${timeZone})`],
      link,
    }
  return {
    subject: `【Custodia${mark.zh}】${kind}（${severity}）：${title}`,
    lines: [text, ...(repeats > 1 ? [`自上条消息以来共 ${repeats} 次。`] : []), `${at}（${timeZone}）`],
    link,
  }
}

export const plainText = ({ subject, lines, link }: Words): string => [subject, ...lines, link].join('\n')

/** `2026-03-10 10:00` of a place */
export const localTime = (iso: string, timeZone: string): string =>
  new Date(iso).toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })

/** One line, so long at the most. */
const clipped = (text: string, most: number): string => {
  const line = [...text.replace(/\s+/g, ' ').trim()]
  return line.length <= most ? line.join('') : `${line.slice(0, most - 1).join('')}…`
}
