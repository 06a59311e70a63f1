import { computed, watchEffect } from 'vue'
import { createSharedComposable, usePreferredDark, useStorage } from '@vueuse/core'
import { useRoute } from 'vue-router'
import { palettes, type ThemeName } from './tokens.js'

/** A stored choice wins; without one the desk is dark and the rest follows the system. Same rule as public/before-paint.js. */
export const useTheme = createSharedComposable(() => {
  const chosen = useStorage<ThemeName | ''>('custodia.theme', '')
  const systemDark = usePreferredDark()
  const route = useRoute()
  const theme = computed<ThemeName>(() => {
    if (chosen.value === 'dark' || chosen.value === 'light') return chosen.value
    return route.meta.desk || systemDark.value ? 'dark' : 'light'
  })
  watchEffect(() => {
    document.documentElement.dataset['theme'] = theme.value
    document.documentElement.style.colorScheme = theme.value
  })
  const toggle = () => {
    chosen.value = theme.value === 'dark' ? 'light' : 'dark'
  }
  return { theme, toggle, palette: computed(() => palettes[theme.value]) }
})
