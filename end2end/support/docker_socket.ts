// A socket between the console and the real engine, which the test can cut or silence.
import { mkdtempSync, rmSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ENGINE = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace('unix://', '');

const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 9\r\nConnection: close\r\n\r\nForbidden';

export class DockerSocket {
  /** `silent` takes connections and never answers; `forbids` answers as a socket proxy does to what it does not allow. */
  private state: 'through' | 'gone' | 'silent' | 'forbids' = 'through';
  private readonly open = new Set<Socket>();
  private constructor(private readonly directory: string, private readonly server: Server) {}

  static async start(): Promise<DockerSocket> {
    const directory = mkdtempSync(join(tmpdir(), 'docker-'));
    const server = createServer();
    const socket = new DockerSocket(directory, server);
    server.on('connection', (client) => socket.take(client));
    await new Promise<void>((done) => server.listen(join(directory, 'docker.sock'), done));
    return socket;
  }

  get host(): string {
    return `unix://${join(this.directory, 'docker.sock')}`;
  }

  /** Connections that are open are cut. */
  become(state: 'through' | 'gone' | 'silent' | 'forbids'): void {
    this.state = state;
    for (const socket of this.open) socket.destroy();
  }

  stop(): void {
    this.become('gone');
    this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private take(client: Socket): void {
    this.keep(client);
    if (this.state === 'gone') client.destroy();
    if (this.state === 'forbids') client.once('data', () => client.end(FORBIDDEN));
    if (this.state !== 'through') return;
    const engine = connect(ENGINE);
    this.keep(engine);
    client.pipe(engine).pipe(client);
    engine.on('close', () => client.destroy());
    client.on('close', () => engine.destroy());
  }

  private keep(socket: Socket): void {
    this.open.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => this.open.delete(socket));
  }
}
