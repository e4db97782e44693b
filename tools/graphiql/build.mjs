// Bundles GraphiQL into the server's folder, with the licences of everything in the bundle; prints the sizes.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
const THERE = join(HERE, '../../server/tessera/transport/graphiql/static');

const withoutFonts = {
  name: 'without-fonts', // the reader's own fonts do: a third of the bundle, and the fonts' licences, stay away
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    })),
};

const { metafile } = await build({
  entryPoints: { graphiql: join(HERE, 'page.jsx') },
  outdir: THERE,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none', // LICENSES.txt has them whole
  absWorkingDir: HERE,
  metafile: true,
  plugins: [withoutFonts],
});

const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => path.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []),
);
const licences = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(HERE, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(HERE, folder)).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? readFileSync(join(HERE, folder, file), 'utf8').trim() : '(the package brings no licence text)';
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(join(THERE, 'LICENSES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
for (const file of readdirSync(THERE)) console.log(file, statSync(join(THERE, file)).size);
