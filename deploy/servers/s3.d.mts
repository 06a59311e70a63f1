export const VERSITYGW_VERSION: string

export interface S3Server {
  endpoint: string
  bucket: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
  freeze(): Promise<void>
  thaw(): void
  alter(key: string): Promise<void>
  swap(key: string, bytes: Uint8Array): Promise<void>
}

export function startS3(options?: { bucket?: string }): Promise<S3Server>
