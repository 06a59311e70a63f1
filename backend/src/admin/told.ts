import type { StoredNotice } from '@custodia/contracts'

/** What a person is told when the way they sign in, or the address of notices like this one, is changed by somebody else. */
export const letterOf = (changed: 'door' | 'email', by: string): StoredNotice => {
  const what =
    changed === 'door'
      ? { en: 'where you prove who you are when you sign in', zh: '您的登录验证渠道' }
      : { en: 'the address where you are told such things', zh: '接收此类通知的邮箱地址' }
  return {
    kind: 'guard',
    severity: 'high',
    at: new Date().toISOString(),
    title: { en: 'Your account was changed', zh: '您的账号已被更改' },
    text: {
      en: `${by} has changed ${what.en}. If you know nothing of it, tell your security desk at once.`,
      zh: `${by} 更改了${what.zh}。如您不知情，请立即告知安全部门。`,
    },
    path: '/me',
  }
}
