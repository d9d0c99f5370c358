export { type ListedNode, type Node, novaHostScript } from './node.js';
export { fromSaltPillar, fromServerList, fromTable, type RolePatterns } from './node-list.js';
