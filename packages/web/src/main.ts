import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { keepOffline } from './lab/offline.js';
import { currentLanguage, setLanguage } from './words/words.svelte.js';

await setLanguage(currentLanguage());
mount(App, { target: document.getElementById('app')! });
keepOffline();
