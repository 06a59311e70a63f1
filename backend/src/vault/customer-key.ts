import { contextOf, newDataKey, openField, rewrapKey, sealField } from './keys/envelope.js'
import type { KeyProvider } from './keys/key-provider.js'

const contextOfKey = (customerId: string): string => contextOf('customer', customerId)

/**
 * The data key of one customer's row, open. Everything personal about a customer is sealed with it and bound to its place:
 * a value moved to another row, field or transaction does not open there.
 */
export class CustomerKey {
  private constructor(
    private readonly customerId: string,
    private readonly key: Buffer,
    /** as it is stored with the row */
    readonly wrapped: Buffer,
  ) {}

  static async make(keys: KeyProvider, customerId: string): Promise<CustomerKey> {
    const { key, wrapped } = await newDataKey(keys, contextOfKey(customerId))
    return new CustomerKey(customerId, key, wrapped)
  }

  static async open(keys: KeyProvider, row: { id: string; dataKey: Buffer }): Promise<CustomerKey> {
    return new CustomerKey(row.id, await keys.unwrap(row.dataKey, contextOfKey(row.id)), row.dataKey)
  }

  /** The row's data key wrapped by the current key; undefined where that is so already. */
  static rewrap(keys: KeyProvider, row: { id: string; dataKey: Buffer }): Promise<Buffer | undefined> {
    return rewrapKey(keys, row.dataKey, contextOfKey(row.id))
  }

  /** `place` below the customer: `phone`; `tag`, `0`; `transaction`, id, `counterparty` */
  seal(value: string, ...place: string[]): Buffer {
    return sealField(this.key, value, contextOf('customer', this.customerId, ...place))
  }

  open(sealed: Buffer, ...place: string[]): string {
    return openField(this.key, sealed, contextOf('customer', this.customerId, ...place))
  }
}
