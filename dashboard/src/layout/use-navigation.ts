import { computed } from 'vue'
import { useRouter } from 'vue-router'
import { useSession } from '../session/use-session.js'
import { navigationFor } from './navigation.js'

export const useNavigation = () => {
  const router = useRouter()
  const { me } = useSession()
  return computed(() => navigationFor(router.options.routes, me.value))
}
