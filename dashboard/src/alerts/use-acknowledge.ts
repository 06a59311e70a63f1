import type { AlertWithTriage } from '@custodia/contracts'
import { useMessage } from 'naive-ui'
import { call } from '../api/client.js'
import { asProblem } from '../api/problem.js'
import { useAction } from '../api/use-action.js'
import { useText } from '../i18n/index.js'

/** Acknowledges an alert in the version that the reader saw; a colleague who was faster is named, never overwritten. */
export const useAcknowledge = (changed: () => unknown) => {
  const { t } = useText()
  const message = useMessage()
  return useAction(async ({ id, triage }: Pick<AlertWithTriage, 'id' | 'triage'>) => {
    try {
      await call('alertAcknowledge', { params: { id }, body: { version: triage.version } })
      message.success(t('alerts.acknowledged'))
    } catch (error) {
      if (asProblem(error).code !== 'conflict') throw error
      const now = await call('alert', { params: { id } })
      message.warning(t('alerts.faster', { name: now.triage.by_name ?? t('alerts.somebody') }))
    }
    await changed()
  })
}
