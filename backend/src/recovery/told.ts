import type { StoredNotice } from '@custodia/contracts'
import { localTime } from '../notices/words.js'
import { systemAlert } from '../response/system-alert.js'

interface Names {
  name: string
  by: string
  other: string
}

/** What the person is told, with the link that says no. The secret is behind the #: no server or proxy is told. */
export const letterTo = ({ name, by, other }: Names, dueAt: Date, timeZone: string, token: string): StoredNotice => {
  const end = localTime(dueAt.toISOString(), timeZone)
  return {
    kind: 'guard',
    severity: 'critical',
    at: new Date().toISOString(),
    title: { en: 'Your ways to sign in are to be reset', zh: '您的登录验证方式将被重置' },
    text: {
      en: `${name}: ${by} and ${other} want to reset your password, passkeys and authenticator app from ${end} on. If you did not ask for it, open the link and stop it.`,
      zh: `${name}：${by} 和 ${other} 将于 ${end} 起重置您的密码、通行密钥和验证器。如非您本人要求，请打开链接阻止。`,
    },
    path: `/recovery#${token}`,
  }
}

/** What everybody on duty is told at each step that matters. */
export const alertOf = (
  step: 'approved' | 'done' | 'cancelled',
  { id, account, name, by, other }: Names & { id: string; account: string },
) => {
  const titles = {
    approved: 'A reset of factors was approved',
    done: 'Somebody’s factors were reset',
    cancelled: 'A person stopped the reset of their factors',
  }
  const texts = {
    approved: {
      en: `${by} asked, and ${other} approved, that what ${name} signs in with is reset. ${name} has been told and can stop it.`,
      zh: `${by} 申请、${other} 批准重置 ${name} 的登录验证方式。已通知 ${name}，其可阻止。`,
    },
    done: {
      en: `What ${name} signed in with was reset; a one-time link takes its place. Asked for by ${by}, approved by ${other}.`,
      zh: `${name} 的登录验证方式已重置，改由一次性链接登记。申请：${by}；批准：${other}。`,
    },
    cancelled: {
      en: `${name} says no to the reset that ${by} asked for and ${other} approved. Find out at once who asked, and why.`,
      zh: `${name} 阻止了由 ${by} 申请、${other} 批准的重置。请立即查明是谁申请及原因。`,
    },
  }
  return systemAlert({
    rule: 'factor-reset',
    title: titles[step],
    text: texts[step],
    eventId: `${id} ${step}`,
    actor: account,
    at: new Date(),
  })
}
