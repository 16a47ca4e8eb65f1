// A thread of the training engine in a page: says that it has been loaded, then waits for what Node gives a thread at its start.
import { serve } from './kernel-loop.js';

self.addEventListener('message', ({ data }) => serve(data), { once: true });
self.postMessage('ready');
