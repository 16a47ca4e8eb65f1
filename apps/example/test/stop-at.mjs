/**
 * Imported before the program by `runProgram`: sends a signal to the program itself once it has written a text to standard error, so that it comes
 * at the same place whatever the load, however late others read. `SP_STOP_AT`: the text; `SP_STOP_BY`: the signal.
 */
const { SP_STOP_AT: at, SP_STOP_BY: by } = process.env;
const { write } = process.stderr;
let said = '';
process.stderr.write = function (chunk, ...rest) {
  const done = write.call(this, chunk, ...rest);
  const before = said.includes(at);
  said += chunk;
  if (!before && said.includes(at)) process.kill(process.pid, by);
  return done;
};
