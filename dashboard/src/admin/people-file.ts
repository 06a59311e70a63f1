import type { PeopleLineResult } from '@custodia/contracts'

/** UTF-8, or what Chinese spreadsheets save without being asked. */
export function decodeText(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

/** For handing over: user names hold letters that mean nothing to a spreadsheet, but for a first one that would. */
export const linksAsCsv = (items: readonly Pick<PeopleLineResult, 'username' | 'link'>[]): string =>
  ['username,link', ...items.map(({ username, link }) => `${cell(username)},${cell(link ?? '')}`), ''].join('\r\n')

const cell = (text: string) => `"${(/^[=+\-@]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
