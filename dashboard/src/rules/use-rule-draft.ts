import { PLACEHOLDERS, type RuleVersion } from '@custodia/contracts'
import { computed, shallowRef, watch } from 'vue'
import { call } from '../api/client.js'
import { asProblem } from '../api/problem.js'
import { useAction } from '../api/use-action.js'
import { useCall } from '../api/use-call.js'
import { useText } from '../i18n/index.js'
import { useSession } from '../session/use-session.js'

const newRule = (name: string): string => `title: ${name}
name: ${name}
level: medium
correlation:
  type: event_count
  rules: [${name}-seen]
  group-by: [actor]
  timespan: 10m
  condition:
    gte: 20
custodia:
  mode: shadow
---
title: What ${name} counts
name: ${name}-seen
logsource: { product: custodia, category: access }
detection:
  selection:
    action: view
    outcome: [granted, allowed]
  condition: selection
`

/** What a file that has no version yet begins with. */
const newText = (name: string, hint: string): string =>
  name === PLACEHOLDERS ? `# ${hint}\n# vips: [customer-1, customer-2]\n` : newRule(name || 'new-rule')

/** A rule while somebody works on it: its text and cases, what is wrong with them, and the steps of its way into force. */
export const useRuleDraft = (name: () => string, isNew: boolean) => {
  const { me } = useSession()
  const { t } = useText()
  const start = (of: string): string => newText(of, t('rules.placeholders.start'))
  const history = useCall((signal) => call('ruleFile', { params: { id: name() }, signal }), { immediate: !isNew })
  const versions = computed(() => history.data.value?.versions ?? [])
  const live = computed(() => versions.value.find(({ state }) => state === 'live'))
  const isOwn = ({ state, author }: RuleVersion): boolean => state === 'draft' && author === me.value?.id
  const own = computed(() => versions.value.find(isOwn))
  const from = computed<RuleVersion | undefined>(() => own.value ?? live.value ?? versions.value[0])
  const yaml = shallowRef('')
  const cases = shallowRef('')
  /** the version that the next draft is made from, where it is not the one that was opened */
  const base = shallowRef<number>()

  let loaded = false
  watch(
    history.data,
    () => {
      if (loaded || !history.data.value) return
      if (!from.value) {
        yaml.value = start(name()) // placeholders that nobody has written yet
        return
      }
      loaded = true
      base.value = undefined
      yaml.value = from.value.yaml
      cases.value = from.value.cases ?? ''
    },
    { immediate: true },
  )
  const untouched = (of: string): boolean => !yaml.value || yaml.value === start(of)
  if (isNew)
    watch(
      name,
      (next, before = '') => {
        if (untouched(before)) yaml.value = start(next)
      },
      { immediate: true },
    )
  const changed = computed(() =>
    from.value
      ? base.value !== undefined || yaml.value !== from.value.yaml || cases.value !== (from.value.cases ?? '')
      : !untouched(name()) || cases.value !== '',
  )

  /** Another version came into force since the draft was begun: as it is, it cannot be proposed any more. */
  const behind = computed(() => {
    if (!own.value || !live.value || own.value.base === live.value.number) return undefined
    return base.value === live.value.number ? undefined : live.value
  })
  /** goes on with this text, knowing what is in force by now */
  const keep = () => (base.value = live.value?.number)
  /** goes on with the text of another version */
  const take = (version: RuleVersion) => {
    base.value = live.value?.number ?? version.number
    yaml.value = version.yaml
    cases.value = version.cases ?? ''
  }

  const save = useAction(async (reason: string) => {
    const made = base.value ?? from.value?.number
    const [newest] = versions.value
    const replaces = newest && isOwn(newest) ? newest.created_at : null
    const text = { yaml: yaml.value, ...(cases.value.trim() && { cases: cases.value }) }
    const body = { ...text, reason, replaces, ...(made && { base: made }) }
    try {
      await call('ruleEdit', { params: { id: name() }, body })
    } catch (error) {
      if (from.value && asProblem(error).code === 'conflict') await history.load() // what came meanwhile is to be seen
      throw error
    }
    base.value = undefined
    await history.load()
  })

  const params = (version: RuleVersion) => ({ id: version.name, number: version.number })
  const step = useAction(
    async (what: 'propose' | 'approve' | 'reject' | 'discard' | 'rollback', version: RuleVersion, reason: string) => {
      const route = {
        propose: 'rulePropose',
        approve: 'ruleApprove',
        reject: 'ruleReject',
        discard: 'ruleReject',
        rollback: 'ruleRollback',
      } as const
      await call(route[what], { params: params(version), body: { reason } })
      loaded = changed.value // what somebody is writing stays
      await history.load()
    },
  )
  return {
    history,
    versions,
    own,
    live,
    yaml,
    cases,
    changed,
    behind,
    keep,
    take,
    save,
    step,
  }
}
