import type { Permission } from '@custodia/contracts'
import 'vue-router'
import type { TextKey } from './i18n/index.js'

declare module 'vue-router' {
  interface RouteMeta {
    /** title of the tab, and of the entry in the navigation */
    title: TextKey
    /** who may open it; `session` when absent */
    door?: 'public' | 'first_factor' | 'session'
    needs?: Permission
    /** place in the navigation; without it the page is reached from another */
    nav?: number
    /** letter that goes there after `g` */
    key?: string
    /** a page of the security desk: dark unless somebody chose otherwise */
    desk?: boolean
    /** without the top bar: sign-in, set-up, paused */
    bare?: boolean
    /** the page says itself when another address is another page; elsewhere it always is */
    stays?: boolean
  }
}
