import type { Person } from '@custodia/contracts'
import { useMessage } from 'naive-ui'
import { call } from '../api/client.js'
import { useAction } from '../api/use-action.js'
import { useText } from '../i18n/index.js'
import { useSession } from '../session/use-session.js'
import { useConfirm } from '../ui/use-confirm.js'

type Whom = Pick<Person, 'id' | 'display_name' | 'role' | 'demo' | 'invited' | 'decides'>

const deciders: readonly Person['role'][] = ['manager', 'analyst', 'admin']
/** Decides what others ask; everybody else only asks. */
export const decides = ({ role }: Pick<Person, 'role'>): boolean => deciders.includes(role)

/** Confirming rights that one person alone gave; `done` once it is so. */
export function useDecider(done: () => unknown) {
  const { t } = useText()
  const message = useMessage()
  const ask = useConfirm()
  const { me, may } = useSession()
  /** of somebody who has come in, by another than who gave it, and nobody by themself */
  const mayConfirm = ({ id, demo, invited, decides: given }: Whom): boolean =>
    may('power.confirm') &&
    !invited &&
    given?.given_by !== undefined &&
    ![id, given.given_by].includes(me.value?.id ?? '') &&
    demo === (me.value?.demo ?? false)
  const confirm = useAction(async ({ id, display_name: name, decides: given }: Whom) => {
    if (!given) return
    const text = t('power.decider.confirm_text', { name, by: given.given_by_name ?? '' })
    const submit = t('power.confirm')
    if (!(await ask({ title: t('power.decider.confirm_title', { name }), text, submit }))) return
    await call('deciderConfirm', { params: { id }, body: { decides_from: given.from } })
    message.success(t('power.decider.confirmed', { name }))
    await done()
  })
  return { mayConfirm, confirm }
}
