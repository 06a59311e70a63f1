import type { Me, Permission } from '@custodia/contracts'
import type { TextKey } from '../i18n/index.js'
import { may } from '../session/admit.js'

export interface NavPage {
  path: string
  meta?: { title?: TextKey; needs?: Permission; nav?: number; key?: string }
}
export interface NavEntry {
  path: string
  title: TextKey
  key: string | undefined
}

/** The pages that a reader finds in the top bar: those their permissions open, in order. */
export const navigationFor = (pages: readonly NavPage[], reader: Pick<Me, 'permissions'> | undefined): NavEntry[] =>
  pages
    .filter((page) => page.meta?.nav !== undefined && may(reader, page.meta.needs))
    .sort((a, b) => (a.meta?.nav ?? 0) - (b.meta?.nav ?? 0))
    .flatMap((page) => (page.meta?.title ? [{ path: page.path, title: page.meta.title, key: page.meta.key }] : []))
