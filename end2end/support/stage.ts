// The real console as a process of its own and a real Neo4j in a container, both started and ended by the test that needs them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';

const ROOT = resolve(import.meta.dirname, '../..');
const BINARY = process.env.E2E_BINARY ?? join(ROOT, 'target/debug/neo4j-admin-console');
const SITE = process.env.LEPTOS_SITE_ROOT ?? join(ROOT, 'target/site');
export const PASSWORD = 'owls fly at night';
/** Quick to stop and start (tests/neo4j-image/fast); its helpers, too. */
const IMAGE = 'fast/neo4j:5.26.5-community';

function docker(...args: string[]): string {
  for (const program of ['/usr/bin/docker', 'docker']) {
    try {
      execFileSync(program, ['version'], { stdio: 'ignore' });
      return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
    } catch (error) {
      if (program === 'docker') throw error;
      if ((error as { stderr?: string }).stderr && args[0] !== 'version') throw error;
    }
  }
  return '';
}

async function freePort(): Promise<number> {
  return await new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const port = (server.address() as { port: number }).port;
      server.close(() => done(port));
    });
  });
}

async function until(what: string, seconds: number, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await check().catch(() => false)) return;
    await new Promise((r) => setTimeout(r, 300));
  }
  throw new Error(`${what} did not happen within ${seconds} s`);
}

export class Neo4j {
  private readonly tags = new Set<string>();

  private constructor(readonly name: string, private readonly http: number) {}

  static async start(about: string): Promise<Neo4j> {
    const name = `e2e-${about}-${process.pid}`;
    const [bolt, http] = [await freePort(), await freePort()];
    docker('run', '-d', '--name', name, '--label', `neo4j-console.test=${process.pid}`, '--stop-timeout', '120',
      '-v', `${name}-data:/data`, '-p', `127.0.0.1:${bolt}:7687`, '-p', `127.0.0.1:${http}:7474`,
      '-e', `NEO4J_AUTH=neo4j/${PASSWORD}`, '-e', 'NEO4J_server_memory_heap_max__size=512m',
      '-e', 'NEO4J_server_memory_pagecache_size=128m', IMAGE);
    const neo4j = new Neo4j(name, http);
    await until('Neo4j answering', 180, async () => (await neo4j.cypher('RETURN 1')) !== undefined);
    return neo4j;
  }

  /** The graph that every story begins with: 600 nodes, 300 relationships; what consoles before this one set aside is gone. */
  async fill(): Promise<void> {
    await this.cypher('MATCH (n) DETACH DELETE n');
    await this.cypher('UNWIND range(1, 300) AS i CREATE (:Person {name: "p" + i})-[:OWNS]->(:Thing {i: i})');
    docker('exec', this.name, 'rm', '-rf', '/data/.neo4j-console');
  }

  /** The first value of the first row. */
  async cypher(statement: string): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.http}/db/neo4j/tx/commit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`neo4j:${PASSWORD}`)}` },
      body: JSON.stringify({ statements: [{ statement }] }),
    });
    const body = await answer.json();
    if (body.errors.length) throw new Error(body.errors[0].message);
    return body.results[0].data[0]?.row[0] ?? null;
  }

  async nodes(): Promise<number> {
    return (await this.cypher('MATCH (n) RETURN count(n)')) as number;
  }

  /** Another name of the very image it runs. */
  otherTag(): string {
    const tag = `5.26.5-other-${process.pid}`;
    docker('tag', IMAGE, `fast/neo4j:${tag}`);
    this.tags.add(`fast/neo4j:${tag}`);
    return tag;
  }

  remove(): void {
    removeServer(this.name);
    for (const tag of this.tags) docker('rmi', tag);
  }
}

/** With its data: one of a test, or one that the console made for good. */
export function removeServer(name: string): void {
  docker('rm', '-f', '-v', name);
  docker('volume', 'rm', '-f', `${name}-data`, `${name}-logs`);
}

export class Console {
  setupLink = '';
  private constructor(readonly url: string, readonly data: string, private readonly child: ChildProcess) {}

  /** A new one, with an empty data directory. `dockerHost` to meet another engine, or none. */
  static async start(dockerHost?: string): Promise<Console> {
    const port = await freePort();
    const data = mkdtempSync(join(tmpdir(), 'console-'));
    const url = `http://127.0.0.1:${port}`;
    const env: Record<string, string> = {
      PATH: process.env.PATH ?? '', LEPTOS_SITE_ROOT: SITE,
      CONSOLE_ALLOW_HOOKS_TO: '127.0.0.1', CONSOLE_DATA: data, CONSOLE_LISTEN: `127.0.0.1:${port}`, CONSOLE_URL: url,
    };
    const host = dockerHost ?? process.env.DOCKER_HOST;
    if (host) env.DOCKER_HOST = host;
    const child = spawn(BINARY, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const console = new Console(url, data, child);
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (piece) => {
        log += piece;
        console.setupLink = /http\S+\/setup\?token=\S+/.exec(log)?.[0] ?? console.setupLink;
      });
    }
    await until('the console answering', 30, async () => (await fetch(`${url}/healthz`)).ok && console.setupLink !== '').catch((e) => {
      throw new Error(`${e}\n${log}`);
    });
    return console;
  }

  /** The page leaves first: what it still loads would be refused, and the browser would say so. */
  async stop(page: Page): Promise<void> {
    if (!page.isClosed()) await page.goto('about:blank').catch(() => undefined);
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGTERM');
    const cut = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(cut);
    rmSync(this.data, { recursive: true, force: true });
  }
}
