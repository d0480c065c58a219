/** The engine's WebAssembly module in base64: the bundler puts it in (build/bundle.mjs), and for tests vitest does. */
declare module 'quickjs-wasi/quickjs.wasm' {
  const base64: string;
  export default base64;
}
