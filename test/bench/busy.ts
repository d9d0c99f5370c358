/** Keeps one core busy until it is killed, or its parent is gone. */
process.on('disconnect', () => process.exit());
const turn = () => {
  const until = performance.now() + 100;
  while (performance.now() < until);
  setImmediate(turn);
};
turn();
