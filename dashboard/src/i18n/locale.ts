export const locales = ['en', 'zh-CN'] as const
export type Locale = (typeof locales)[number]
export const LOCALE_KEY = 'custodia.locale'

/** A stored choice wins; otherwise the first of the browser's languages that we speak. */
export const preferredLocale = (stored: string | null, languages: readonly string[]): Locale => {
  const chosen = locales.find((locale) => locale === stored)
  if (chosen) return chosen
  const spoken = languages.map((tag) => tag.toLowerCase()).find((tag) => /^(zh|en)\b/.test(tag))
  return spoken?.startsWith('zh') ? 'zh-CN' : 'en'
}
