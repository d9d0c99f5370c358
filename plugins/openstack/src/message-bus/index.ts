export { rabbitMessageBus } from './provider.js';
