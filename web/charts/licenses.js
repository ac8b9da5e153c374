// Gathers the license texts of everything that ends up in the bundle and puts them at its head, as those licenses ask.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Vite plugin: one comment at the head of the bundle with every package, its version and its license. */
export function licenses() {
  return {
    name: 'licenses',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const folders = new Set(Object.keys(chunk.modules).map(folderOf).filter(Boolean));
        chunk.code = notice([...folders].sort()) + chunk.code;
      }
    },
  };
}

function folderOf(id) {
  const match = id.replaceAll('\\', '/').match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/);
  return match && !match[0].includes('\0') ? match[0] : undefined;
}

/** Packages under the same text are listed together. */
function notice(folders) {
  const byText = new Map();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const text = licenseText(folder) ?? `License: ${license}`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join(', ')}\n\n${text}`);
  const body = ['This file contains the following software.', ...parts].join('\n\n----\n\n').replaceAll('*/', '* /');
  return `/*!\n${body}\n*/\n`;
}

function licenseText(folder) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  return file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : undefined;
}
