import type { AccessAction } from '@custodia/contracts'
import type { ThemeName } from './tokens.js'

/** Few series: what an access did, in the words a chart can hold. */
export const actionGroups = ['search', 'view', 'photo', 'export', 'change', 'sign_in', 'other'] as const
export type ActionGroup = (typeof actionGroups)[number]

const groups: Record<AccessAction, ActionGroup> = {
  search: 'search',
  list: 'search',
  view: 'view',
  reveal: 'view',
  photo_thumbnail: 'view',
  photo_view: 'photo',
  photo_download: 'export',
  export: 'export',
  photo_upload: 'change',
  create: 'change',
  update: 'change',
  delete: 'change',
  consent: 'change',
  sign_in: 'sign_in',
  sign_out: 'sign_in',
  factor_change: 'sign_in',
  approval: 'other',
  rule_change: 'other',
  role_change: 'other',
  freeze: 'other',
  lift: 'other',
  triage: 'other',
  restrict: 'other',
  report: 'other',
  admin: 'other',
}

export const actionGroup = (action: string): ActionGroup => groups[action as AccessAction] ?? 'other'

/** One colour for one kind of action, in every chart; apart from the severity colours, which mean danger. */
export const actionColors: Record<ThemeName, Record<ActionGroup, string>> = {
  light: {
    search: '#8a8226',
    view: '#4477aa',
    photo: '#aa3377',
    export: '#c2566a',
    change: '#2f8a4a',
    sign_in: '#7461ac',
    other: '#737d8c',
  },
  dark: {
    search: '#cfc76b',
    view: '#7fb2e5',
    photo: '#e57fb5',
    export: '#f09a8e',
    change: '#6fcb86',
    sign_in: '#b3a6ec',
    other: '#8b96a5',
  },
}
