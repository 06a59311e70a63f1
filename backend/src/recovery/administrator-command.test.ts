import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { CaptureService } from '../capture/capture.service.js'
import { InvitationsService } from '../identity/invitations.service.js'
import { outbox } from '../record-store/schema.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { resetAdministrator } from './administrator-command.js'

describe('an administrator who is reset at the server', () => {
  let rooms: Rooms
  beforeAll(async () => {
    rooms = await startRooms()
  })
  afterAll(() => rooms?.stop())

  const reset = (username: string) =>
    resetAdministrator(
      {
        store: rooms.records,
        capture: rooms.app.get(CaptureService),
        invitations: rooms.app.get(InvitationsService),
      },
      username,
    )

  it('is out, comes back by the link, and everybody hears of it', async () => {
    const { account, browser } = await rooms.signedIn('admin')
    const link = await reset(account.username)
    expect((await browser.get('/me')).status).toBe(401)
    const token = link.split('#')[1]
    const back = await rooms.browser().post('/invitations/accept', { token, password: 'four quiet rivers meet' })
    expect(back.body).toEqual({ next: 'enrol', factors: [] })
    const events = await rooms.events()
    expect(events.find(({ reason }) => reason === 'reset at the server')).toMatchObject({
      action: 'factor_change',
      actor: 'system',
      subject: account.id,
    })
    const [raised] = await rooms.records.db.select().from(outbox).where(eq(outbox.topic, 'alerts'))
    expect(raised?.value).toMatchObject({ alert: { rule: 'break-glass', severity: 'critical', actor: account.id } })
    expect(JSON.stringify(events)).not.toContain(token)
  })

  it('is an administrator: nobody else is reset alone', async () => {
    const { account, browser } = await rooms.signedIn('staff')
    await expect(reset(account.username)).rejects.toThrow('no open account of an administrator')
    expect((await browser.get('/me')).status).toBe(200)
  })
})
