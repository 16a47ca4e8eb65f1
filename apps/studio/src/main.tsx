import './style.css';
import { render } from 'preact';
import { App } from './ui/app.tsx';
import { beginSession } from './ui/session.ts';

const root = document.querySelector('#app');
if (root !== null) render(<App />, root);
void beginSession();

// Not where the page is served without a host of its own (a file), or while it is developed.
if (import.meta.env?.PROD && 'serviceWorker' in navigator && location.protocol.startsWith('http')) {
  navigator.serviceWorker.register('./sw.js').catch(() => {
    // Without it the studio works as well, only not without a network.
  });
}
