// Writes FILE.br and FILE.gz beside each file of a folder that text compression makes smaller: what the console serves as it is.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = process.argv[2];
const worth = /\.(js|wasm|css|svg|txt|html|json|webmanifest)$/;
for (const name of readdirSync(folder, { recursive: true })) {
  const file = join(folder, name);
  if (!worth.test(name) || !statSync(file).isFile()) continue;
  const content = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}
