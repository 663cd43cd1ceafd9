/**
 * Makes modules for browsers of React, and of a component in TSX. For tests in Java:
 * `node react-for-browser.js COMPONENT.tsx` prints a JSON object of texts by file name.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [component] = process.argv.slice(2);
const require = createRequire(import.meta.url);

/** React comes as CommonJS alone: these files of it, each with the name that others ask for it by. */
const FILES = {
  scheduler: 'scheduler/cjs/scheduler.production.js',
  react: 'react/cjs/react.production.js',
  'react/jsx-runtime': 'react/cjs/react-jsx-runtime.production.js',
  'react-dom': 'react-dom/cjs/react-dom.production.js',
  'react-dom/client': 'react-dom/cjs/react-dom-client.production.js',
};

const MODULES = { 'react.js': 'react', 'jsx-runtime.js': 'react/jsx-runtime', 'react-dom-client.js': 'react-dom/client' };

function all() {
  const parts = Object.entries(FILES).map(([name, file]) => {
    const code = readFileSync(new URL(`node_modules/${file}`, import.meta.url), 'utf8');
    return `${JSON.stringify(name)}: (module, exports, require) => {\n${code}\n},`;
  });
  return `const files = {\n${parts.join('\n')}\n};
const made = {};
export default function require(name) {
  if (!made[name]) files[name](made[name] = { exports: {} }, made[name].exports, require);
  return made[name].exports;
}
`;
}

function module(name) {
  process.env.NODE_ENV = 'production';
  const names = Object.keys(require(name)).filter((one) => /^[A-Za-z]\w*$/.test(one));
  return `import require from './all.js';
const made = require(${JSON.stringify(name)});
export default made;
export const { ${names.join(', ')} } = made;
`;
}

function compiled() {
  const options = { transforms: ['typescript', 'jsx'], jsxRuntime: 'automatic', production: true };
  return require('sucrase').transform(readFileSync(component, 'utf8'), options).code;
}

const modules = Object.entries(MODULES).map(([file, name]) => [file, module(name)]);
console.log(JSON.stringify({ 'all.js': all(), 'component.js': compiled(), ...Object.fromEntries(modules) }));
