/** A web server for one folder, as the plainest there are: for tests of pages. It counts what it sends. */
import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.txt': 'text/plain; charset=utf-8',
};

export interface StaticServer {
  /** Of the folder, with a `/` at its end. */
  readonly url: string;
  /** Bytes that were sent in bodies, compressed by gzip. */
  sent(): number;
  /** Methods and paths that were asked for, with all that follows a path. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** `path`: where the folder is on the server, such as `/courses/os/`. */
export async function serveFolder(folder: string, path: string): Promise<StaticServer> {
  let sent = 0;
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const url = request.url ?? '';
    asked.push(`${request.method} ${url}`);
    const [name = ''] = url.slice(path.length).split('?');
    const file = join(folder, normalize(`/${name === '' ? 'index.html' : name}`));
    const there = request.method === 'GET' && url.startsWith(path) && statSync(file, { throwIfNoEntry: false })?.isFile();
    if (!there) return void response.writeHead(404).end();
    const body = gzipSync(readFileSync(file));
    sent += body.length;
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-encoding': 'gzip' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}${path}`, sent: () => sent, asked, close };
}
