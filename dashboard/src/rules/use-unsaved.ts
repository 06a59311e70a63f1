import { useEventListener } from '@vueuse/core'
import type { Ref } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate, type RouteLocationNormalized } from 'vue-router'
import { useText } from '../i18n/index.js'
import { useConfirm } from '../ui/use-confirm.js'

/** Asks before a page is left whose text is kept nowhere yet; the browser asks where the whole window is. */
export const useUnsaved = (unsaved: Readonly<Ref<boolean>>): void => {
  const { t } = useText()
  const confirm = useConfirm()
  const leave = (to: RouteLocationNormalized): boolean | Promise<boolean> =>
    !unsaved.value ||
    to.meta.bare === true || // signed out or frozen: nobody is asked
    confirm({ title: t('rules.edit.leave'), text: t('rules.edit.leave_text'), submit: t('rules.edit.leave_go') })
  onBeforeRouteLeave(leave)
  onBeforeRouteUpdate(leave)
  useEventListener(window, 'beforeunload', (event) => {
    if (unsaved.value) event.preventDefault()
  })
}
