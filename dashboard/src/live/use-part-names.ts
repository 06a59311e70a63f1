import { useText } from '../i18n/index.js'

const names = [
  'log',
  'landing',
  'detection',
  'response',
  'notices',
  'audit_store',
  'memory',
  'windows',
  'passed_over',
  'rules',
] as const

/** What the parts of the path of an access are called; a newer gateway may know more of them. */
export const usePartNames = (): ((part: string) => string) => {
  const { t } = useText()
  return (part) => {
    const known = names.find((name) => name === part)
    return known ? t(`live.parts.${known}`) : part
  }
}
