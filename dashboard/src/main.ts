import { createApp } from 'vue'
import App from './App.vue'
import { createText } from './i18n/index.js'
import { createPages } from './router.js'
import { watchProblems } from './session/watch-problems.js'
import './ui/base.css'
import { signStyles } from './ui/style-nonce.js'
import { tokenSheet } from './ui/tokens.js'

signStyles()

const sheet = document.createElement('style')
sheet.textContent = tokenSheet()
document.head.prepend(sheet)

const router = createPages()
watchProblems(router)
createApp(App).use(createText()).use(router).mount('#app')
