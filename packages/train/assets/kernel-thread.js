// A thread of the training engine in Node.
import { workerData } from 'node:worker_threads';
import { serve } from './kernel-loop.js';

serve(workerData);
