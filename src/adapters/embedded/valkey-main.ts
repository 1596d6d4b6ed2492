// A process of its own: Valkey in WebAssembly. Started by redis-server.ts.
import { runGuarded } from './guarded-child.ts';
import { redisExchange } from './ports.ts';
import { ValkeyHost } from './valkey-host.ts';

runGuarded(async (task) => {
  const { port, password, wasm } = task as { port: number; password: string; wasm: string };
  await new ValkeyHost({ port, wasm }).start();
  // The compiled server takes no configuration at its start.
  const commands = `CONFIG SET maxmemory-policy noeviction\r\nCONFIG SET requirepass ${password}\r\n`;
  const reply = await redisExchange(port, commands, (text) => text.split('\r\n').length > 2, 5_000);
  if (reply !== '+OK\r\n+OK\r\n') throw new Error(`the password could not be set: ${reply ?? 'no answer'}`);
});
