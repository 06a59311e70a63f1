import vue from '@vitejs/plugin-vue'
import { defineConfig, loadEnv } from 'vite'

/** `PORT` is the gateway's port; the dev server passes the API and the live socket on to it. */
export default defineConfig(({ mode }) => {
  const { PORT = '8080' } = loadEnv(mode, import.meta.dirname, 'PORT')
  const gateway = `http://localhost:${PORT}`
  // the gateway takes requests of its own pages only
  const headers = { origin: gateway }
  return {
    plugins: [vue()],
    // the gateway puts a number of its own here, each time it sends the page
    html: { cspNonce: '__style_nonce__' },
    build: { target: 'es2022', chunkSizeWarningLimit: 1200, assetsInlineLimit: 0 },
    server: {
      port: 5173,
      proxy: {
        '/api': { target: gateway, changeOrigin: true, headers },
        '/socket.io': { target: gateway, changeOrigin: true, ws: true, headers },
      },
    },
  }
})
