import { AlertConflict, type AlertChange, type AlertWithTriage, type Triage } from '@custodia/contracts'
import { shallowRef } from 'vue'
import { asProblem, type ApiProblem } from '../api/problem.js'
import { useAction } from '../api/use-action.js'
import { useText } from '../i18n/index.js'
import { middle } from '../ui/format.js'

/** Sends one change of one alert, in the version given. */
export type SendChange = (version: number) => Promise<Triage>

/** What a conflict tells: undefined when somebody else's change was not the reason. */
export const conflictOf = ({ code, extras }: ApiProblem): AlertConflict | undefined => {
  if (code !== 'conflict') return undefined
  const parsed = AlertConflict.safeParse(extras)
  return parsed.success ? parsed.data : undefined
}

/**
 * Changes alerts in the version that the reader saw. When a colleague was faster nothing is overwritten: the conflict says who
 * did what, what was typed stays, and sent again it counts from what the reader has seen now.
 */
export const useTriage = (changed: () => unknown) => {
  const conflict = shallowRef<AlertConflict>()
  /** the version that counts as seen after a conflict was shown */
  let shown: { id: string; version: number } | undefined
  const { busy, problem, run } = useAction(
    async ({ id, triage }: Pick<AlertWithTriage, 'id' | 'triage'>, send: SendChange) => {
      conflict.value = undefined
      const seen = shown?.id === id ? Math.max(shown.version, triage.version) : triage.version
      try {
        await send(seen)
        shown = undefined
      } catch (error) {
        const met = conflictOf(asProblem(error))
        if (!met) throw error
        conflict.value = met
        shown = { id, version: met.triage.version }
        void changed()
        throw error
      }
      await changed()
    },
  )
  const forget = () => {
    conflict.value = undefined
    problem.value = undefined
    shown = undefined
  }
  return { busy, problem, conflict, run, forget }
}

/** Steps of an alert's life in the reader's language. */
export const useChangeWords = () => {
  const { t } = useText()
  const nameOf = (name: string | undefined, id: string | undefined) =>
    name ?? (id === 'system' ? t('common.system') : middle(id ?? '–'))
  return {
    /** “Gao closed it: benign” */
    told: (change: AlertChange): string => {
      const name = nameOf(change.by_name, change.by)
      if (change.kind === 'close')
        return t('alerts.change.close', { name, verdict: t(`alerts.verdict.${change.verdict ?? 'true'}`) })
      if (change.kind === 'assign')
        return change.assignee
          ? t('alerts.change.assign', { name, to: nameOf(change.assignee_name, change.assignee) })
          : t('alerts.change.unassign', { name })
      if (change.kind === 'merge') {
        const n = Math.abs(change.count ?? 1)
        return t((change.count ?? 1) < 0 ? 'alerts.change.lost' : 'alerts.change.merge', { name, n })
      }
      return t(`alerts.change.${change.kind}`, { name })
    },
  }
}
