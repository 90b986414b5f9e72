import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { currentLanguage, setLanguage } from './words/words.svelte.js';

await setLanguage(currentLanguage());
mount(App, { target: document.getElementById('app')! });
document.getElementById('boot')?.remove();
