// Backend
export type { HostBackend } from './backend/kernel-memory.ts';
export type { BackendChoice } from './backend/set-backend.ts';
export { setBackend } from './backend/set-backend.ts';
