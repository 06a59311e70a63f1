import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { ChannelConfig, NoticeLanguage } from '@custodia/contracts'
import { aMessage, aNotice, thisMachine } from '../testing/message.js'
import { startReceiver, withJson, type Receiver } from '../testing/receiver.js'
import { verifiedId } from '../verify-webhook.js'
import { webhookSecret } from '../testing/channel.js'
import { tell } from './index.js'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.stop())

const at = new Date('2026-03-10T02:00:05.678Z')
const say = (config: ChannelConfig, language: NoticeLanguage = 'en', message = aMessage()) =>
  tell(config, message, language, at, thisMachine())
const only = () => {
  expect(receiver.received).toHaveLength(1)
  return receiver.received[0]!
}
const english = [
  '[Custodia] alert (high): Bulk photo view',
  '张三 opened 51 customers’ photos in 10 minutes',
  '2026-03-10 10:00 (Asia/Shanghai)',
  'https://custodia.example/alerts/a1',
].join('\n')

describe('webhook', () => {
  it('posts our shape, and receivers verify it by the recipe', async () => {
    const config = { kind: 'webhook' as const, url: `${receiver.url}/hook?x=1`, secret: webhookSecret }
    expect(await say(config)).toEqual({ kind: 'delivered' })
    const received = only()
    expect(received.json).toEqual({
      id: 'delivery-1',
      kind: 'alert',
      severity: 'high',
      at: '2026-03-10T02:00:00.000Z',
      rule: 'bulk-photo-view',
      actor: '张三',
      subject: '[Custodia] alert (high): Bulk photo view',
      text: '张三 opened 51 customers’ photos in 10 minutes',
      repeats: 1,
      link: 'https://custodia.example/alerts/a1',
      demo: false,
      drill: false,
    })
    expect(received.headers).toMatchObject({
      'custodia-id': 'delivery-1',
      'custodia-timestamp': '1773108005',
      'content-type': 'application/json; charset=utf-8',
    })
    expect(verifiedId(webhookSecret, received, at.getTime())).toBe('delivery-1')
  })
})

describe('DingTalk', () => {
  const answer = (errcode: number) => withJson({ errcode, errmsg: 'robot 1.2.3.4 said something' })

  it('signs the address as its documentation says', async () => {
    receiver.answer = answer(0)
    const url = `${receiver.url}/robot/send?access_token=abc`
    expect(await say({ kind: 'dingtalk', url, secret: 'SEC+/=& 密' })).toEqual({ kind: 'delivered' })
    const { query, json } = only()
    const timestamp = String(at.getTime()) // milliseconds
    expect(query.get('access_token')).toBe('abc')
    expect(query.get('timestamp')).toBe(timestamp)
    expect(query.get('sign')).toBe(
      createHmac('sha256', 'SEC+/=& 密').update(`${timestamp}\nSEC+/=& 密`).digest('base64'),
    )
    expect(json).toEqual({ msgtype: 'text', text: { content: english }, at: { isAtAll: false } })
  })

  it('is unsigned where the robot has no secret', async () => {
    receiver.answer = answer(0)
    await say({ kind: 'dingtalk', url: `${receiver.url}/robot/send?access_token=abc` })
    expect([...only().query.keys()]).toEqual(['access_token'])
  })

  it.each([
    [310000, { kind: 'refused', reason: 'errcode 310000' }], // the signature is wrong
    [130101, { kind: 'retry', reason: 'errcode 130101', afterSeconds: 60 }], // too fast
  ])('errcode %d with status 200 is no delivery', async (code, outcome) => {
    receiver.answer = answer(code)
    expect(await say({ kind: 'dingtalk', url: receiver.url })).toEqual(outcome)
  })
})

describe('Feishu', () => {
  it('signs the body as its documentation says', async () => {
    receiver.answer = withJson({ code: 0, msg: 'success', data: {} })
    expect(await say({ kind: 'feishu', url: `${receiver.url}/open-apis/bot/v2/hook/k`, secret: 's3cret' })).toEqual({
      kind: 'delivered',
    })
    const timestamp = '1773108005' // seconds
    const sign = createHmac('sha256', `${timestamp}\ns3cret`).update('').digest('base64')
    expect(only().json).toEqual({ timestamp, sign, msg_type: 'text', content: { text: english } })
  })

  it('understands the older answer, and a refusal with status 200', async () => {
    receiver.answer = withJson({ StatusCode: 0, StatusMessage: 'success' })
    expect(await say({ kind: 'feishu', url: receiver.url })).toEqual({ kind: 'delivered' })
    receiver.answer = withJson({ code: 19021, msg: 'sign match fail or timestamp is not within one hour' })
    expect(await say({ kind: 'feishu', url: receiver.url })).toEqual({ kind: 'refused', reason: 'code 19021' })
  })

  it('lets no name call everybody', async () => {
    const notice = aNotice({ text: { en: '<at user_id="all">x</at> opened', zh: '-' } })
    await say({ kind: 'feishu', url: receiver.url }, 'en', aMessage({ notice }))
    expect(JSON.stringify(only().json)).not.toContain('<at')
  })
})

describe('WeCom', () => {
  it('posts text, in the language of the channel', async () => {
    receiver.answer = withJson({ errcode: 0, errmsg: 'ok' })
    const outcome = await say({ kind: 'wecom', url: `${receiver.url}/cgi-bin/webhook/send?key=k` }, 'zh-CN')
    expect(outcome).toEqual({ kind: 'delivered' })
    expect(only().json).toEqual({
      msgtype: 'text',
      text: {
        content: [
          '【Custodia】警报（高）：批量查看照片',
          '张三 在 10 分钟内打开了 51 位客户的照片',
          '2026-03-10 10:00（Asia/Shanghai）',
          'https://custodia.example/alerts/a1',
        ].join('\n'),
      },
    })
  })

  it('stays below the 2,048 bytes that it takes, however long a sentence is', async () => {
    receiver.answer = withJson({ errcode: 0 })
    const notice = aNotice({ text: { en: '-', zh: '长'.repeat(3000) } })
    await say({ kind: 'wecom', url: receiver.url }, 'zh-CN', aMessage({ notice }))
    const { text } = only().json as { text: { content: string } }
    expect(Buffer.byteLength(text.content)).toBeLessThan(2048)
  })

  it.each([
    [93000, 'refused'],
    [45009, 'retry'],
  ])('errcode %d means %s', async (errcode, kind) => {
    receiver.answer = withJson({ errcode })
    expect(await say({ kind: 'wecom', url: receiver.url })).toMatchObject({ kind, reason: `errcode ${errcode}` })
  })
})

describe('Slack', () => {
  it('posts text with its three signs escaped', async () => {
    receiver.answer = (response) => response.end('ok')
    const notice = aNotice({ text: { en: '<!channel> & others', zh: '-' } })
    expect(await say({ kind: 'slack', url: receiver.url }, 'en', aMessage({ notice }))).toEqual({ kind: 'delivered' })
    expect(only().json).toMatchObject({ text: expect.stringContaining('&lt;!channel&gt; &amp; others') })
  })
})

describe('Teams', () => {
  it('posts an adaptive card with plain text', async () => {
    receiver.answer = (response) => response.writeHead(202).end()
    expect(await say({ kind: 'teams', url: receiver.url })).toEqual({ kind: 'delivered' })
    const { attachments, type } = only().json as { type: string; attachments: { content: { body: unknown[] } }[] }
    expect(type).toBe('message')
    expect(attachments).toMatchObject([{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null }])
    expect(attachments[0]?.content).toMatchObject({ type: 'AdaptiveCard', actions: [{ type: 'Action.OpenUrl' }] })
    expect(attachments[0]?.content.body).toHaveLength(3)
  })
})

describe('any of them', () => {
  it('says how many repeats it stands for, and that it is a demo', async () => {
    const notice = aNotice({ demo: true })
    await say({ kind: 'slack', url: receiver.url }, 'en', aMessage({ notice, repeats: 7 }))
    expect(only().json['text']).toMatch(/^\[Custodia, demo\] .*\n.*\n7 times since the last message\./)
  })
})
