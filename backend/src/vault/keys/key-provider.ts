/**
 * Holds the keys that nothing else may hold. Data is encrypted under data keys of its own (see envelope.ts), which are stored
 * beside it, wrapped by this provider. The promises, each a test of key-provider.contract.ts:
 * - `unwrap` returns what `wrap` was given, for the same context only; a changed byte is a KeyError.
 * - The same data key wrapped twice looks different.
 * - What an older key wrapped is still unwrapped; `keyIdOf` tells which key that was, `currentKeyId` which wrapped last.
 * - A rotation needs no restart: who opened before unwraps what the new key wrapped, and wraps with it.
 * - `hmacKey` is the same for a name each time, and different for different names; rotation does not change it.
 */
export interface KeyProvider {
  readonly currentKeyId: string
  /** `context` says whose data key this is, e.g. a record's id; it is not stored, and needed again to unwrap */
  wrap(dataKey: Buffer, context: string): Promise<Buffer>
  unwrap(wrapped: Buffer, context: string): Promise<Buffer>
  keyIdOf(wrapped: Buffer): string
  /** 32 bytes for keyed hashes, derived for one use, e.g. `search-index`; tokens made with it stay comparable for ever */
  hmacKey(name: string): Buffer
}

/** Something does not decrypt: it was altered, moved to another place, or its key is not here. Never says more. */
export class KeyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'KeyError'
  }
}
