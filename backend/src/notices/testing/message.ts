import type { StoredNotice } from '@custodia/contracts'
import type { Net } from '../net/post.js'
import { Addresses } from '../net/addresses.js'
import type { Message } from '../words.js'

export const aNotice = (over: Partial<StoredNotice> = {}): StoredNotice => ({
  kind: 'alert',
  severity: 'high',
  at: '2026-03-10T02:00:00.000Z',
  title: { en: 'Bulk photo view', zh: '批量查看照片' },
  text: { en: '张三 opened 51 customers’ photos in 10 minutes', zh: '张三 在 10 分钟内打开了 51 位客户的照片' },
  rule: 'bulk-photo-view',
  actor_name: '张三',
  alert_id: 'a1',
  path: '/alerts/a1',
  ...over,
})

export const aMessage = (over: Partial<Message> = {}): Message => ({
  id: 'delivery-1',
  notice: aNotice(),
  repeats: 1,
  origin: 'https://custodia.example',
  timeZone: 'Asia/Shanghai',
  ...over,
})

/** A network in which this machine may be told, and nothing is waited for long. */
export const thisMachine = (over: Partial<Net> = {}): Net => ({
  addresses: new Addresses(['127.0.0.1']),
  timeoutMs: 5000,
  ...over,
})
